"""Extracts the parts of AWS's service models (from botocore) that the emulator implements.

Usage: python extract.py FOLDER  (with botocore importable; writes one JSON file a service into FOLDER)

Only shapes, constraints, bindings and errors. No documentation texts.
"""

import json
import sys
from pathlib import Path

import botocore
from botocore.loaders import Loader

SERVICES = {
    "sagemaker": (
        "sagemaker",
        """
        CreateTrainingJob DescribeTrainingJob StopTrainingJob DeleteTrainingJob ListTrainingJobs
        CreateModel DescribeModel DeleteModel ListModels
        CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig ListEndpointConfigs
        CreateEndpoint UpdateEndpoint UpdateEndpointWeightsAndCapacities
        DescribeEndpoint DeleteEndpoint ListEndpoints
        CreateModelPackageGroup DescribeModelPackageGroup DeleteModelPackageGroup ListModelPackageGroups
        CreateModelPackage DescribeModelPackage UpdateModelPackage DeleteModelPackage ListModelPackages
        AddTags DeleteTags ListTags
        ListMonitoringSchedules
        """,
    ),
    "runtime": ("sagemaker-runtime", "InvokeEndpoint"),
    "logs": ("logs", "DescribeLogStreams GetLogEvents FilterLogEvents"),
    "cloudwatch": (
        "cloudwatch",
        """
        PutMetricData GetMetricData GetMetricStatistics ListMetrics
        PutMetricAlarm PutCompositeAlarm DescribeAlarms DescribeAlarmsForMetric DescribeAlarmHistory
        SetAlarmState DeleteAlarms EnableAlarmActions DisableAlarmActions
        TagResource UntagResource ListTagsForResource
        """,
    ),
    "application-auto-scaling": (
        "application-autoscaling",
        """
        RegisterScalableTarget DeregisterScalableTarget DescribeScalableTargets
        PutScalingPolicy DeleteScalingPolicy DescribeScalingPolicies
        PutScheduledAction DeleteScheduledAction DescribeScheduledActions
        DescribeScalingActivities TagResource UntagResource ListTagsForResource
        """,
    ),
    "service-quotas": ("service-quotas", "ListServiceQuotas GetServiceQuota"),
    "iam": ("iam", "SimulatePrincipalPolicy"),
    "sts": ("sts", "GetCallerIdentity"),
}

METADATA = ("apiVersion", "jsonVersion", "protocols", "serviceId", "targetPrefix", "xmlNamespace")
OPERATION = ("requestcompression",)
REFERENCE = (
    "shape",
    "location",
    "locationName",
    "flattened",
    "timestampFormat",
    "streaming",
    "idempotencyToken",
    "jsonvalue",
)
SHAPE = (
    "type",
    "required",
    "min",
    "max",
    "pattern",
    "enum",
    "payload",
    "flattened",
    "locationName",
    "timestampFormat",
    "union",
    "sensitive",
    "exception",
    "fault",
)
ERROR = ("code", "httpStatusCode", "senderFault")


def pick(names, source):
    return {name: source[name] for name in names if name in source}


def extract(model, wanted):
    operations = {name: operation(model["operations"][name]) for name in wanted}
    pending = [name for each in operations.values() for name in (each["input"], each.get("output")) if name]
    # Any operation may return errors of the service that it does not list.
    pending += [name for name, shape in model["shapes"].items() if shape.get("exception")]
    shapes = {}
    while pending:
        name = pending.pop()
        if name not in shapes:
            shapes[name], referred = describe(model["shapes"][name])
            pending += referred
    return {
        "botocore": botocore.__version__,
        "metadata": pick(METADATA, model["metadata"]) | signing(model["metadata"]),
        "operations": operations,
        "shapes": shapes,
    }


def signing(metadata):
    return {"signingName": metadata.get("signingName", metadata["endpointPrefix"])}


def operation(source):
    facts = {
        "http": pick(("method", "requestUri", "responseCode"), source["http"]),
        "input": source["input"]["shape"],
        "errors": [error["shape"] for error in source.get("errors", [])],
    }
    if "output" in source:
        facts["output"] = source["output"]["shape"]
    return facts | pick(OPERATION, source)


def describe(shape):
    facts = pick(SHAPE, shape)
    references = {name: pick(REFERENCE, member) for name, member in shape.get("members", {}).items()}
    if "members" in shape:
        facts["members"] = references
    if "error" in shape:
        facts["error"] = pick(ERROR, shape["error"])
    ends = {name: pick(REFERENCE, shape[name]) for name in ("member", "key", "value") if name in shape}
    return facts | ends, [each["shape"] for each in (*references.values(), *ends.values())]


def main(folder):
    loader = Loader(include_default_search_paths=False)
    loader.search_paths.append(Loader.BUILTIN_DATA_PATH)
    for file, (service, names) in SERVICES.items():
        facts = extract(loader.load_service_model(service, "service-2"), names.split())
        (Path(folder) / f"{file}.json").write_text(write(facts))


def write(facts):
    """JSON with one line per operation and shape: compact, with readable diffs."""
    parts = []
    for name, value in sorted(facts.items()):
        text = compact(value)
        if name in ("operations", "shapes"):
            lines = (f"{compact(key)}:{compact(each)}" for key, each in sorted(value.items()))
            text = "{\n" + ",\n".join(lines) + "\n}"
        parts.append(f"{compact(name)}:{text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


main(sys.argv[1])
