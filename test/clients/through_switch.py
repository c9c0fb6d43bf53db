"""Invokes through the switch with a boto3 client that differs only in its endpoint address.

Usage: through_switch.py ENDPOINT USERS. Prints the variant of each user, and errors.
"""
import json
import sys

import botocore.exceptions
from account import open_client

endpoint, users = sys.argv[1], json.loads(sys.argv[2])
runtime = open_client("sagemaker-runtime")


def invoke(user, **more):
    return runtime.invoke_endpoint(
        EndpointName=endpoint,
        ContentType="application/json",
        Body=json.dumps({"user": {"id": user}}),
        **more,
    )


def error_of(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return {
            "code": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "original": error.response.get("OriginalStatusCode"),
        }


rounds = [{user: invoke(user)["InvokedProductionVariant"] for user in users} for _ in range(2)]
response = invoke(users[0], InferenceId="order-1", Accept="application/json")
print(
    json.dumps(
        {
            "rounds": rounds,
            "body": json.loads(response["Body"].read()),
            "contentType": response["ContentType"],
            "inferenceId": response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-sagemaker-inference-id"],
            "named": error_of(lambda: invoke(users[0], TargetVariant="b")),
            "missing": error_of(
                lambda: runtime.invoke_endpoint(EndpointName="no-such-endpoint", Body=b"{}")
            ),
            "broken": error_of(
                lambda: runtime.invoke_endpoint(EndpointName="broken", Body=b'{"user": {"id": "ada"}}')
            ),
        }
    )
)
