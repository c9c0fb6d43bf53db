"""One round through CloudWatch with botocore, in one wire protocol. Prints what came back as JSON.

Usage: python protocols.py URL PROTOCOL
"""

import json
import sys
from datetime import datetime, timezone

import boto3
import botocore.model
from botocore.exceptions import ClientError

url, protocol = sys.argv[1:]
# botocore takes the first of these that the service model lists.
botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (protocol,)

client = boto3.client(
    "cloudwatch",
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id="emulator",
    aws_secret_access_key="emulator",
)
METRIC = {"Namespace": f"Shop/{protocol}", "MetricName": "größe <&>"}
AT = datetime(2026, 3, 1, 11, 30, tzinfo=timezone.utc)
END = datetime(2026, 3, 1, 11, 45, 0, 500000, tzinfo=timezone.utc)


def refusal(call, **request):
    try:
        call(**request)
        return "not refused"
    except ClientError as error:
        answer = error.response
        found = answer["Error"]
        return [
            type(error).__name__,
            found["Code"],
            found["Message"],
            answer["ResponseMetadata"]["HTTPStatusCode"],
            len(answer["ResponseMetadata"]["RequestId"]),
        ]


def main():
    dimension = {"Name": "Variant", "Value": "a"}
    client.put_metric_data(
        Namespace=METRIC["Namespace"],
        MetricData=[
            {
                "MetricName": METRIC["MetricName"],
                "Dimensions": [dimension],
                "Timestamp": AT,
                "Values": [1.5, 3.0],
                "Counts": [2.0, 1.0],
                "StorageResolution": 60,
            }
        ],
    )
    data = client.get_metric_data(
        StartTime=AT,
        EndTime=END,
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": METRIC | {"Dimensions": [dimension]},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
    )
    client.put_metric_alarm(
        AlarmName=f"alarm-{protocol}",
        **METRIC,
        Dimensions=[dimension],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=3.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    alarm = client.describe_alarms(AlarmNames=[f"alarm-{protocol}"])["MetricAlarms"][0]
    query = {"Id": "Wrong", "Expression": "m"}
    return {
        "protocol": client.meta.service_model.resolved_protocol,
        "data": data["MetricDataResults"],
        "double": type(data["MetricDataResults"][0]["Values"][0]).__name__,
        "alarm": {
            name: alarm[name]
            for name in ("MetricName", "Period", "Threshold", "StateValue", "ActionsEnabled", "StateUpdatedTimestamp")
        },
        "refused": [
            refusal(client.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="because"),
            refusal(client.set_alarm_state, AlarmName="none", StateValue="GREEN", StateReason="because"),
            refusal(client.put_metric_data, Namespace="Shop", MetricData=[{"MetricName": "m", "Unit": "Miles"}]),
            refusal(client.put_metric_data, Namespace="AWS/Shop", MetricData=[{"MetricName": "m", "Value": 1.0}]),
            refusal(client.get_metric_data, StartTime=AT, EndTime=END, MetricDataQueries=[query]),
            refusal(client.list_dashboards),
        ],
    }


print(json.dumps(main(), default=lambda value: value.isoformat()))
