"""Clients of the account of the AWS_* variables, and common functions of the scripts."""
import json
import time

import boto3
import botocore.config
import botocore.loaders
import botocore.session

ROLE = "arn:aws:iam::123456789012:role/penstock-sagemaker"
NO_RETRIES = botocore.config.Config(retries={"total_max_attempts": 1})


class OneProtocol(botocore.loaders.Loader):
    """Restricts each service with several wire protocols to the given one."""

    def __init__(self, protocol):
        super().__init__(extra_search_paths=[botocore.loaders.Loader.BUILTIN_DATA_PATH])
        self.protocol = protocol

    def load_service_model(self, service_name, type_name, api_version=None):
        model = super().load_service_model(service_name, type_name, api_version)
        if type_name == "service-2" and len(model["metadata"].get("protocols", [])) > 1:
            given = {"protocol": self.protocol, "protocols": [self.protocol]}
            return {**model, "metadata": {**model["metadata"], **given}}
        return model


def open_client(service, protocol=None):
    """A client without retries. `protocol`: its wire protocol. Default: the choice of boto3."""
    session = botocore.session.Session()
    if protocol is not None:
        session.register_component("data_loader", OneProtocol(protocol))
    return boto3.Session(botocore_session=session).client(service, config=NO_RETRIES)


def wait_for(client, waiter, **about):
    """Waits with boto3's waiter, but polls more often than its default."""
    client.get_waiter(waiter).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **about)


def wait_until(read, is_enough, seconds=30):
    """Reads until the response is enough. Returns the last response when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = read()
        if is_enough(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def in_plain_json(response):
    """A response as plain JSON, without metadata and with times as text."""
    members = {name: value for name, value in response.items() if name != "ResponseMetadata"}
    return json.loads(json.dumps(members, default=str))


def print_json(found):
    print(json.dumps(found, default=str))
