"""Makes one sequence of calls against the account of the AWS_* variables, and prints the outcome of each call.

The outcome is the error code and message, or the members of the response that the expression of the call selects. Times
and other varying values are left out, so that two accounts can be compared.
"""
import datetime
import json
import os
import re
import urllib.error
import urllib.request

import botocore.config
import boto3
import jmespath
from account import ROLE, print_json, wait_until
from botocore.exceptions import ClientError

# Requests that the client would reject are sent too, because only the response of the service counts.
config = botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False)
clients = {name: boto3.client(name, config=config) for name in ("sagemaker", "sagemaker-runtime", "cloudwatch")}
sagemaker = clients["sagemaker"]
cloudwatch = clients["cloudwatch"]
outcomes = []

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
NOON = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(hours=1)


def minute(number):
    return NOON + datetime.timedelta(minutes=number)


def call(label, service, operation, select, **about):
    """Makes one call. `select`: a JMESPath expression over the response."""
    try:
        response = getattr(clients[service], operation)(**about)
        if "Body" in response:
            response["Body"] = response["Body"].read().decode()
        outcome = jmespath.search(select, response)
    except ClientError as error:
        outcome = summarize_error(error.response["Error"]["Code"], error.response["Error"]["Message"])
    except Exception as error:
        outcome = f"boto3 could not read the response: {type(error).__name__}"
    outcomes.append({"label": label, "operation": operation, "outcome": outcome})


def summarize_error(code, message):
    """The error without HTML pages and without sets of allowed values, which have no order."""
    if code.isdigit():
        return f"HTTP {code}"
    return f"{code}: " + re.sub(r"enum value set: \[.*\]", "enum value set: [...]", message)


def ask(label, operation, select="'done'", **about):
    call(label, "sagemaker", operation, select, **about)


def watch(label, operation, select="'done'", **about):
    call(label, "cloudwatch", operation, select, **about)


def call_raw(label, service, target):
    """Calls an operation that boto3 does not know."""
    scope = f"20260101/us-east-1/{service}/aws4_request"
    headers = {
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=emulator/{scope}, SignedHeaders=host, Signature={'0' * 64}",
    }
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL_SAGEMAKER"], b"{}", headers)
    try:
        with urllib.request.urlopen(request) as response:
            outcome = f"HTTP {response.status}"
    except urllib.error.HTTPError as error:
        outcome = f"HTTP {error.code}"
        if error.code < 500:
            outcome += f" {json.load(error)['__type']}"
    outcomes.append({"label": label, "operation": target.split(".")[1], "outcome": outcome})


def wait_for_endpoint(name="shop"):
    wait_until(
        lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"],
        lambda status: status in ("InService", "Failed"),
    )


def container(image="simulated/shop"):
    return {"Image": image, "ModelDataUrl": "s3://models/model.tar.gz"}


def variant(name, model=None, **more):
    fixed = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2, "InitialVariantWeight": 50}
    return {"VariantName": name, "ModelName": model or f"model-{name}", **fixed, **more}


def compare_models():
    model = {"ModelName": "model-a", "PrimaryContainer": container(), "ExecutionRoleArn": ROLE}
    ask("create a model", "create_model", "ModelArn", **model)
    ask("create the same model again", "create_model", "ModelArn", **model)
    ask("create the other model", "create_model", "ModelArn", **{**model, "ModelName": "model-b"})
    ask("create a model with an invalid name", "create_model", **{**model, "ModelName": "model_a!"})
    ask("create a model without a container", "create_model", ModelName="empty", ExecutionRoleArn=ROLE)
    ask("create a model without a name", "create_model", PrimaryContainer=container(), ExecutionRoleArn=ROLE)
    select = "[ModelName, PrimaryContainer.[Image, ModelDataUrl], ExecutionRoleArn]"
    ask("describe a model", "describe_model", select, ModelName="model-a")
    ask("describe a missing model", "describe_model", ModelName="nowhere")
    ask("delete a missing model", "delete_model", ModelName="nowhere")
    ask("list models, one per page", "list_models", "[length(Models), NextToken != null]", MaxResults=1)
    ask("list models with an invalid page size", "list_models", "length(Models)", MaxResults=1000)


def compare_configs():
    def create(label, name, *variants, **more):
        about = {"EndpointConfigName": name, "ProductionVariants": list(variants), **more}
        ask(label, "create_endpoint_config", "EndpointConfigArn", **about)

    create("create a config of two variants", "both", variant("a"), variant("b"))
    create("create the same config again", "both", variant("a"), variant("b"))
    create("create a config of one variant", "only-b", variant("b"))
    create("create a config with an unknown model", "bad", variant("a", "nowhere"))
    create("create a config with one variant twice", "bad", variant("a"), variant("a"))
    create("create a config with a negative weight", "bad", variant("a", InitialVariantWeight=-1))
    create("create a config without variants", "none")
    create("create a config with an unknown instance type", "odd", variant("a", InstanceType="ml.x0.tiny"))
    create("create a config with ml.m6i.large", "m6i", variant("a", InstanceType="ml.m6i.large"))
    create("create a config with an invalid name", "a_config", variant("a"))
    plain = {"VariantName": "a", "ModelName": "model-a", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    create("create a config without weights", "plain", plain)
    select = "ProductionVariants[].[VariantName, InitialVariantWeight]"
    ask("describe a config", "describe_endpoint_config", select, EndpointConfigName="both")
    ask("describe a config without weights", "describe_endpoint_config", select, EndpointConfigName="plain")
    ask("describe a missing config", "describe_endpoint_config", EndpointConfigName="nowhere")
    ask("delete a missing config", "delete_endpoint_config", EndpointConfigName="nowhere")


STATUS = "EndpointStatus"
LIVE = "ProductionVariants[].[VariantName, CurrentWeight, DesiredWeight, CurrentInstanceCount, DesiredInstanceCount]"


def change_weights(label, endpoint="shop", **weights):
    changes = [{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()]
    ask(
        label,
        "update_endpoint_weights_and_capacities",
        "EndpointArn",
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=changes,
    )


def compare_endpoints():
    shop = {"EndpointName": "shop"}
    ask("create an endpoint on a missing config", "create_endpoint", EndpointConfigName="nowhere", **shop)
    tags = [{"Key": "team", "Value": "search"}]
    ask("create an endpoint", "create_endpoint", "EndpointArn", EndpointConfigName="both", Tags=tags, **shop)
    ask("describe an endpoint just created", "describe_endpoint", STATUS, **shop)
    change_weights("change weights while it is being created", a=1, b=99)
    ask("create the same endpoint again", "create_endpoint", "EndpointArn", EndpointConfigName="both", **shop)
    ask(
        "create the same endpoint in upper case",
        "create_endpoint",
        "EndpointArn",
        EndpointName="SHOP",
        EndpointConfigName="both",
    )
    ask(
        "create an endpoint with an invalid name",
        "create_endpoint",
        EndpointName="-shop-",
        EndpointConfigName="both",
    )
    ask("describe a missing endpoint", "describe_endpoint", EndpointName="nowhere")
    wait_for_endpoint()
    ask("describe an endpoint in service", "describe_endpoint", f"[{STATUS}, {LIVE}]", **shop)
    ask("list endpoints", "list_endpoints", "Endpoints[].EndpointName")


def compare_changes():
    shop = {"EndpointName": "shop"}
    change_weights("change weights", a=10, b=90)
    ask("describe an endpoint whose weights are changing", "describe_endpoint", STATUS, **shop)
    ask("update while weights are changing", "update_endpoint", EndpointConfigName="only-b", **shop)
    wait_for_endpoint()
    ask("describe weights that have changed", "describe_endpoint", LIVE, **shop)
    change_weights("change the weight of an unknown variant", unknown=1)
    change_weights("set a negative weight", a=-1)
    change_weights("change no weights")
    change_weights("change weights of a missing endpoint", "nowhere", a=1)
    ask("update to a missing config", "update_endpoint", EndpointConfigName="nowhere", **shop)
    ask("update to another config", "update_endpoint", "EndpointArn", EndpointConfigName="only-b", **shop)
    wait_for_endpoint()
    ask("describe the config of an updated endpoint", "describe_endpoint", "EndpointConfigName", **shop)
    ask("create an endpoint to be deleted", "create_endpoint", EndpointName="doomed", EndpointConfigName="both")
    ask("delete an endpoint that is being created", "delete_endpoint", EndpointName="doomed")


def compare_invocations():
    def invoke(label, select, **about):
        call(label, "sagemaker-runtime", "invoke_endpoint", select, Body=b"{}", **about)

    ask("create an endpoint for requests", "create_endpoint", EndpointName="asked", EndpointConfigName="both")
    invoke("invoke an endpoint that is being created", "'invoked'", EndpointName="asked")
    wait_for_endpoint("asked")
    invoke("invoke an endpoint", "contains(['a', 'b'], InvokedProductionVariant)", EndpointName="asked")
    invoke("invoke one variant", "InvokedProductionVariant", EndpointName="asked", TargetVariant="b")
    invoke("invoke an unknown variant", "'invoked'", EndpointName="asked", TargetVariant="unknown")
    invoke("invoke a missing endpoint", "'invoked'", EndpointName="nowhere")


def training(name, **more):
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "simulated/shop", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://models/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **more,
    }


def without(member, request):
    return {name: value for name, value in request.items() if name != member}


def compare_training():
    select = "[TrainingJobStatus, ModelArtifacts.S3ModelArtifacts]"
    ask("train", "create_training_job", "TrainingJobArn", **training("job"))
    ask("describe a job just created", "describe_training_job", select, TrainingJobName="job")
    ask("train with the same name again", "create_training_job", "TrainingJobArn", **training("job"))
    ask("train with an invalid role", "create_training_job", **training("bad", RoleArn="unknown"))
    ask("train without an output", "create_training_job", **without("OutputDataConfig", training("bad")))
    ask("train with a name that is too long", "create_training_job", **training("j" * 64))
    ask("describe a missing job", "describe_training_job", TrainingJobName="nowhere")
    ask("train another", "create_training_job", **training("stopped"))
    ask("stop a job", "stop_training_job", TrainingJobName="stopped")
    wait_until(
        lambda: sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobStatus"],
        lambda status: status == "Completed",
    )
    ask("describe a completed job", "describe_training_job", select, TrainingJobName="job")
    ask("stop a completed job", "stop_training_job", TrainingJobName="job")
    ask("list jobs by status", "list_training_jobs", "TrainingJobSummaries[].TrainingJobName", StatusEquals="Completed")


def compare_registry():
    group = {"ModelPackageGroupName": "shop"}
    packaged = {
        "Containers": [container()],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    version = {**group, "InferenceSpecification": packaged, "ModelApprovalStatus": "PendingManualApproval"}
    ask("create a package group", "create_model_package_group", "ModelPackageGroupArn", **group)
    ask("create the same package group again", "create_model_package_group", **group)
    ask("register a version", "create_model_package", "ModelPackageArn", **version)
    ask("register a version in a missing group", "create_model_package", **{**version, "ModelPackageGroupName": "no"})
    arn = f"{ARN}:model-package/shop/1"
    select = "[ModelPackageVersion, ModelApprovalStatus, ModelPackageStatus]"
    ask("describe a version", "describe_model_package", select, ModelPackageName=arn)
    unapproved = {"ModelName": "packaged", "Containers": [{"ModelPackageName": arn}], "ExecutionRoleArn": ROLE}
    ask("create a model from an unapproved version", "create_model", "ModelArn", **unapproved)
    ask("approve a version", "update_model_package", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    ask("describe an approved version", "describe_model_package", select, ModelPackageName=arn)
    ask("describe a missing version", "describe_model_package", ModelPackageName=f"{ARN}:model-package/shop/9")


def compare_tags():
    shop = {"ResourceArn": f"{ARN}:endpoint/shop"}
    ask("list tags", "list_tags", "Tags", **shop)
    ask("add tags", "add_tags", "Tags", Tags=[{"Key": "stage", "Value": "canary"}], **shop)
    ask("list tags of a missing resource", "list_tags", "Tags", ResourceArn=f"{ARN}:endpoint/nowhere")
    ask("delete tags", "delete_tags", TagKeys=["stage"], **shop)


def put(label, namespace, **datum):
    watch(label, "put_metric_data", Namespace=namespace, MetricData=[{"MetricName": "Sales", **datum}])


def read(label, select="MetricDataResults[].Values", stat="Sum", start=0, end=10, period=60, queries=None, **more):
    metric = {"Namespace": "Shop", "MetricName": more.pop("name", "Sales")}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat, **more}}
    watch(
        label,
        "get_metric_data",
        select,
        MetricDataQueries=queries or [query],
        StartTime=minute(start),
        EndTime=minute(end),
        ScanBy="TimestampAscending",
    )


def compare_metrics():
    for number in (0, 1, 3):
        put(f"put 100 values of minute {number}", "Shop", Timestamp=minute(number), Values=list(range(1, 101)))
    put("put a metric of AWS", "AWS/SageMaker", Value=1)
    put("put a metric without a value", "Shop")
    put("put a metric without a name", "Shop", MetricName="", Value=1)
    read("read sums: a minute without data is absent")
    read("read a median", stat="p50")
    read("read a 99th percentile", stat="p99")
    read("read sums of five minutes", period=300)
    read("read in another unit", Unit="Seconds")
    read("read a metric without data", "MetricDataResults[].[Values, StatusCode]", name="Nothing")
    read("read from an end before the start", start=10, end=0)
    read("read an unknown statistic", stat="Mode")
    read("read with a period of 7 seconds", period=7)
    metric = {"Metric": {"Namespace": "Shop", "MetricName": "Sales"}, "Period": 60, "Stat": "Sum"}
    read("read two queries with one id", queries=[{"Id": "q", "MetricStat": metric}] * 2)
    read("read with an id in upper case", queries=[{"Id": "Q", "MetricStat": metric}])
    doubled = [{"Id": "q", "MetricStat": metric, "ReturnData": False}, {"Id": "d", "Expression": "q * 2"}]
    read("read metric math", queries=doubled)
    about = {"Namespace": "Shop", "MetricName": "Sales", "StartTime": minute(0), "EndTime": minute(10), "Period": 60}
    select = "sort(Datapoints[].Sum)"
    watch("read statistics", "get_metric_statistics", select, Statistics=["Sum", "Maximum"], **about)
    watch("read no statistics", "get_metric_statistics", select, **about)
    watch("list metrics", "list_metrics", "length(Metrics)", Namespace="Shop")


def alarm(name, **more):
    return {
        "AlarmName": name,
        "Namespace": "Shop",
        "MetricName": "Sales",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }


def compare_alarms():
    names = "[MetricAlarms[].AlarmName, CompositeAlarms[].AlarmName]"
    watch("put an alarm", "put_metric_alarm", **alarm("busy"))
    watch("describe a new alarm", "describe_alarms", "MetricAlarms[].StateValue", AlarmNames=["busy"])
    watch("put an alarm with two statistics", "put_metric_alarm", **alarm("bad", ExtendedStatistic="p99"))
    watch("put an alarm with more datapoints than periods", "put_metric_alarm", **alarm("bad", DatapointsToAlarm=2))
    watch("put an alarm with an unknown comparison", "put_metric_alarm", **alarm("bad", ComparisonOperator="Odd"))
    watch("put a composite alarm", "put_composite_alarm", AlarmName="any", AlarmRule="ALARM(busy)")
    watch("put a composite alarm on a missing one", "put_composite_alarm", AlarmName="bad", AlarmRule="ALARM(no)")
    watch("describe alarms without types", "describe_alarms", names)
    watch("describe alarms of both types", "describe_alarms", names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    watch("describe a missing alarm", "describe_alarms", names, AlarmNames=["nowhere"])
    state = {"AlarmName": "busy", "StateValue": "ALARM", "StateReason": "a rehearsal"}
    watch("set an alarm's state", "set_alarm_state", **state)
    select = "CompositeAlarms[].StateValue"
    composite = {"AlarmNames": ["any"], "AlarmTypes": ["CompositeAlarm"]}
    watch("describe a composite alarm of it", "describe_alarms", select, **composite)
    watch("set a missing alarm's state", "set_alarm_state", **{**state, "AlarmName": "nowhere"})
    watch("set an unknown state", "set_alarm_state", **{**state, "StateValue": "FINE"})
    watch("put another alarm", "put_metric_alarm", **alarm("calm"))
    page = "[length(MetricAlarms), NextToken != null]"
    watch("describe alarms, one per page", "describe_alarms", page, MaxRecords=1)
    watch("describe alarms by names and a prefix", "describe_alarms", names, AlarmNames=["calm"], AlarmNamePrefix="b")
    watch("delete a missing alarm", "delete_alarms", AlarmNames=["nowhere"])
    watch("delete alarms", "delete_alarms", AlarmNames=["calm", "any", "busy"])


def compare_deletions():
    wait_for_endpoint("asked")
    ask("delete a config in use", "delete_endpoint_config", EndpointConfigName="both")
    change_weights("change weights without the live config", "asked", a=1, b=1)
    ask("delete an endpoint", "delete_endpoint", EndpointName="asked")
    ask("describe an endpoint just deleted", "describe_endpoint", STATUS, EndpointName="asked")
    ask("delete an endpoint that is being deleted", "delete_endpoint", EndpointName="asked")
    ask("delete a model", "delete_model", ModelName="model-b")


compare_models()
compare_configs()
compare_endpoints()
compare_changes()
compare_invocations()
compare_training()
compare_registry()
compare_tags()
compare_metrics()
compare_alarms()
compare_deletions()
call_raw("call an operation that SageMaker does not have", "sagemaker", "SageMaker.Dance")
call_raw("call an operation that CloudWatch does not have", "monitoring", "GraniteServiceVersion20100801.Dance")
print_json(outcomes)
