"""Makes the same calls to CloudWatch in each wire protocol of botocore, and prints their outcomes by protocol."""
import datetime

from account import in_plain_json, open_client, print_json
from botocore.exceptions import ClientError

PROTOCOLS = ("json", "smithy-rpc-v2-cbor", "query")
NOON = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
START = NOON - datetime.timedelta(hours=2)
WINDOW = {"StartTime": START, "EndTime": START + datetime.timedelta(minutes=30)}


def outcomes_in(protocol):
    """Outcomes of the calls, in order. Each protocol has its own namespace and alarms."""
    cloudwatch = open_client("cloudwatch", protocol)
    outcomes = [["connect", {"protocol": f"in-{cloudwatch.meta.service_model.resolved_protocol}"}]]

    def call(operation, **about):
        try:
            outcome = in_plain_json(getattr(cloudwatch, operation)(**about))
        except ClientError as error:
            outcome = error_of(error)
        outcomes.append([operation, outcome])

    namespace = f"Shop-{protocol}"
    metric = {"Namespace": namespace, "MetricName": "Sales", "Dimensions": [{"Name": "Till", "Value": "é & <1>"}]}
    put_values(call, metric)
    read_values(call, metric)
    use_alarms(call, metric, f"busy-{protocol}")
    call("list_dashboards")
    return outcomes


def put_values(call, metric):
    for number in (0, 1, 5):
        call(
            "put_metric_data",
            Namespace=metric["Namespace"],
            MetricData=[
                {
                    "MetricName": "Sales",
                    "Dimensions": metric["Dimensions"],
                    "Timestamp": START + datetime.timedelta(minutes=number),
                    "Values": [1.5, 2.0, number],
                    "Counts": [1.0, 2.0, 3.0],
                    "Unit": "Count",
                }
            ],
        )
    call("put_metric_data", Namespace="AWS/SageMaker", MetricData=[{"MetricName": "Sales", "Value": 1}])
    call("put_metric_data", Namespace=metric["Namespace"], MetricData=[{"MetricName": "Sales", "Unit": "Miles"}])


def read_values(call, metric):
    def query(stat):
        return [{"Id": "q", "Label": "sales", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}]

    for stat in ("Sum", "Average", "SampleCount", "Maximum"):
        call("get_metric_data", MetricDataQueries=query(stat), ScanBy="TimestampAscending", **WINDOW)
    call("get_metric_data", MetricDataQueries=query("Sum"), MaxDatapoints=1, **WINDOW)
    call("get_metric_data", MetricDataQueries=query("Sum") * 2, **WINDOW)
    call("get_metric_data", MetricDataQueries=query("Mode"), **WINDOW)
    call("get_metric_data", MetricDataQueries=[{"Id": "Wrong", "Expression": "q"}], **WINDOW)
    call("get_metric_statistics", Period=3600, Statistics=["Sum", "Minimum"], **metric, **WINDOW)
    call("list_metrics", Namespace=metric["Namespace"])


def use_alarms(call, metric, name):
    alarm = {
        "AlarmName": name,
        "AlarmDescription": "rings & <rings>",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 1.25,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    }
    call("put_metric_alarm", **alarm, **metric)
    call("put_metric_alarm", **{**alarm, "DatapointsToAlarm": 9}, **metric)
    call("set_alarm_state", AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")
    call("set_alarm_state", AlarmName=f"{name}-not", StateValue="OK", StateReason="a rehearsal")
    call("set_alarm_state", AlarmName=name, StateValue="GREEN", StateReason="a rehearsal")
    call("describe_alarms", AlarmNames=[name, f"{name}-not"])
    call("describe_alarms", AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    call("delete_alarms", AlarmNames=[name])
    call("delete_alarms", AlarmNames=[name])


def error_of(error):
    about, response = error.response["Error"], error.response["ResponseMetadata"]
    return {
        "type": type(error).__name__,
        "code": about["Code"],
        "message": about["Message"],
        "status": response["HTTPStatusCode"],
        "idLength": len(response["RequestId"]),
    }


print_json({protocol: outcomes_in(protocol) for protocol in PROTOCOLS})
