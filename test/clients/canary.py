"""Trains two models, deploys both to one endpoint, shifts traffic from 50/50 to 10/90, and deletes everything.

Usage: canary.py PLAN, with PLAN in JSON: {name, image, hyperparameters: {A, B}, body, requests}. Prints all responses.
"""
import collections
import datetime
import json
import sys

import botocore.exceptions
from account import ROLE, in_plain_json, open_client, print_json, wait_until, wait_for

plan = json.loads(sys.argv[1])
name = plan["name"]
variants = {letter: f"{name}-{letter.lower()}" for letter in ("A", "B")}
sagemaker = open_client("sagemaker")
runtime = open_client("sagemaker-runtime")
cloudwatch = open_client("cloudwatch")


def train(letter):
    channels = ("train", "validation")
    data = "s3://examples/digits-classifier/data"
    sagemaker.create_training_job(
        TrainingJobName=variants[letter],
        AlgorithmSpecification={
            "TrainingImage": plan["image"],
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "validation:accuracy", "Regex": "accuracy=([0-9.]+)"}],
        },
        RoleArn=ROLE,
        InputDataConfig=[
            {
                "ChannelName": channel,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{data}/{channel}"}},
            }
            for channel in channels
        ],
        OutputDataConfig={"S3OutputPath": "s3://models/canary"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        HyperParameters=plan["hyperparameters"][letter],
    )


def create_model(letter):
    wait_for(sagemaker, "training_job_completed_or_stopped", TrainingJobName=variants[letter])
    job = sagemaker.describe_training_job(TrainingJobName=variants[letter])
    container = {"Image": plan["image"], "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName=variants[letter], ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return job


def create_endpoint():
    """Creates the endpoint `name` with half of the traffic for each variant, and metrics every 10 s."""
    config = f"{name}-config"
    sagemaker.create_endpoint_config(
        EndpointConfigName=config,
        ProductionVariants=[
            {
                "VariantName": letter,
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 50,
            }
            for letter, model in variants.items()
        ],
        MetricsConfig={"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
    )
    tags = [{"Key": "team", "Value": "search"}]
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tags)
    wait_for(sagemaker, "endpoint_in_service", EndpointName=name)


def invoke(times, **target):
    """Number of requests that each variant served, and the last response."""
    served = collections.Counter()
    for _ in range(times):
        response = runtime.invoke_endpoint(
            EndpointName=name, ContentType="application/json", Body=json.dumps(plan["body"]), **target
        )
        served[response["InvokedProductionVariant"]] += 1
        last = json.loads(response["Body"].read())
    return {"variants": served, "last": last}


def dimensions(letter):
    return [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": letter}]


def window():
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "StartTime": now - datetime.timedelta(minutes=10),
        "EndTime": now + datetime.timedelta(minutes=10),
    }


def count_by_metric_data():
    """Invocations of each variant, from GetMetricData."""
    queries = [
        {
            "Id": letter.lower(),
            "Label": letter,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "Invocations",
                    "Dimensions": dimensions(letter),
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for letter in variants
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **window())
    counts = collections.Counter()
    for page in pages:
        for result in page["MetricDataResults"]:
            counts[result["Label"]] += sum(result["Values"])
    return counts


def count_by_statistics():
    """The same from GetMetricStatistics, with the mean latency of the model in microseconds."""
    found = {}
    for letter in variants:
        about = {"Namespace": "AWS/SageMaker", "Dimensions": dimensions(letter), "Period": 60, **window()}
        counts = cloudwatch.get_metric_statistics(MetricName="Invocations", Statistics=["Sum"], **about)
        latency = cloudwatch.get_metric_statistics(MetricName="ModelLatency", Statistics=["Average"], **about)
        slow = cloudwatch.get_metric_statistics(MetricName="ModelLatency", ExtendedStatistics=["p90"], **about)
        found[letter] = {
            "invocations": sum(point["Sum"] for point in counts["Datapoints"]),
            "latency": [point["Average"] for point in latency["Datapoints"]],
            "p90": [point["ExtendedStatistics"]["p90"] for point in slow["Datapoints"]],
            "unit": sorted({point["Unit"] for point in latency["Datapoints"]}),
        }
    return found


def count_to(total):
    return wait_until(count_by_metric_data, lambda counts: sum(counts.values()) >= total)


def weights():
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    return {each["VariantName"]: each["CurrentWeight"] for each in endpoint["ProductionVariants"]}


def shift():
    wanted = {"A": 10, "B": 90}
    changes = [{"VariantName": letter, "DesiredWeight": weight} for letter, weight in wanted.items()]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=changes)
    refused = refusal(
        sagemaker.update_endpoint_weights_and_capacities,
        EndpointName=name,
        DesiredWeightsAndCapacities=changes,
    )
    wait_for(sagemaker, "endpoint_in_service", EndpointName=name)
    return refused


def refusal(call, **about):
    try:
        call(**about)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"] + ": " + error.response["Error"]["Message"]
    return None


def raise_alarm():
    alarm = f"{name}-busy"
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=dimensions("A"),
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1e9,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a rehearsal")
    wait_for(cloudwatch, "alarm_exists", AlarmNames=[alarm])
    found = cloudwatch.describe_alarms(AlarmNames=[alarm, "no-such-alarm"])["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=[alarm])
    left = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return {"found": found, "left": left}


def delete_all():
    """Deletes everything in the order that AWS requires. Returns the errors of reads afterwards."""
    sagemaker.delete_endpoint(EndpointName=name)
    wait_for(sagemaker, "endpoint_deleted", EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=f"{name}-config")
    for model in variants.values():
        sagemaker.delete_model(ModelName=model)
    return {
        "endpoint": refusal(sagemaker.describe_endpoint, EndpointName=name),
        "config": refusal(sagemaker.describe_endpoint_config, EndpointConfigName=f"{name}-config"),
        "model": refusal(sagemaker.describe_model, ModelName=variants["A"]),
        "invocation": refusal(runtime.invoke_endpoint, EndpointName=name, Body=b"{}"),
    }


seen = {}
for letter in variants:
    train(letter)
seen["jobs"] = {letter: in_plain_json(create_model(letter)) for letter in variants}
create_endpoint()
arn = sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "canary"}])
seen["tags"] = sagemaker.list_tags(ResourceArn=arn)["Tags"]
seen["half"] = invoke(plan["requests"])
seen["metrics"] = count_to(plan["requests"])
seen["statistics"] = count_by_statistics()
seen["weights"] = [weights()]
seen["inProgress"] = shift()
seen["weights"].append(weights())
seen["shifted"] = invoke(plan["requests"])
seen["targeted"] = invoke(5, TargetVariant="A")
seen["metricsAfter"] = count_to(2 * plan["requests"] + 5)
seen["alarms"] = raise_alarm()
seen["gone"] = delete_all()
print_json(seen)
