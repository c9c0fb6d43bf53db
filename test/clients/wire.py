"""Parses requests and responses of the wire into plain values, with botocore's service models.

Unlike botocore's parsers, these keep members that the model does not have, so that a check can find them.
"""
import base64
import datetime
import gzip
import io
import json
import re
import urllib.parse
import xml.etree.ElementTree

import botocore.parsers
import botocore.session

session = botocore.session.Session()
BY_TARGET = ("sagemaker", "cloudwatch", "application-autoscaling", "service-quotas")
BY_VERSION = ("cloudwatch", "iam", "sts")
models = {name: session.get_service_model(name) for name in (*BY_TARGET, *BY_VERSION, "sagemaker-runtime")}
by_target = {models[name].metadata["targetPrefix"]: models[name] for name in BY_TARGET}
# A form names no service, only the version of its API.
by_version = {models[name].metadata["apiVersion"]: models[name] for name in BY_VERSION}
INVOCATION = re.compile(r"/endpoints/[^/]+/invocations")
CBOR = re.compile(r"/service/([^/]+)/operation/([^/]+)")


class Exchange:
    """One request and its response, with their operation."""

    def __init__(self, recorded):
        self.path = urllib.parse.urlsplit(recorded["path"]).path
        self.request_headers = recorded["requestHeaders"]
        self.request_body = plain_body(recorded["requestBody"], self.request_headers)
        self.status = recorded["status"]
        self.response_headers = recorded["responseHeaders"]
        self.response_body = plain_body(recorded["responseBody"], self.response_headers)
        self.protocol, self.model, name = self.find_operation()
        self.operation = self.model.operation_model(name)

    def find_operation(self):
        """Protocol, service model and name of the operation."""
        target = self.request_headers.get("x-amz-target")
        if target:
            prefix, name = target.split(".")
            return "json", by_target[prefix], name
        if INVOCATION.fullmatch(self.path):
            return "rest-json", models["sagemaker-runtime"], "InvokeEndpoint"
        cbor = CBOR.fullmatch(self.path)
        if cbor:
            return "cbor", by_target[cbor[1]], cbor[2]
        form = urllib.parse.parse_qs(self.request_body.decode())
        return "query", by_version[form["Version"][0]], form["Action"][0]

    def request(self):
        """The members of the request. None for a form: botocore only serializes it."""
        if self.protocol == "json":
            return json.loads(self.request_body or b"{}")
        if self.protocol == "cbor":
            return from_cbor(self.request_body)
        if self.protocol == "rest-json":
            return rest_members(
                self.operation.input_shape, self.request_headers, self.request_body, self.uri_members()
            )
        return None

    def uri_members(self):
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.operation.http["requestUri"])
        found = re.fullmatch(pattern, self.path).groupdict()
        return {name: urllib.parse.unquote(value) for name, value in found.items()}

    def response(self):
        """The members of the response, without the envelope of its protocol."""
        shape = self.operation.output_shape
        if self.protocol == "json":
            return json.loads(self.response_body or b"{}")
        if self.protocol == "cbor":
            return from_cbor(self.response_body) if self.response_body else {}
        if self.protocol == "rest-json":
            return rest_members(shape, self.response_headers, self.response_body, {})
        root = xml.etree.ElementTree.fromstring(self.response_body)
        return from_xml(shape, root[0]) if shape is not None else {}

    def error(self):
        """The code of the error and the members of its shape. No members if the protocol nests them elsewhere."""
        if self.protocol == "query":
            root = xml.etree.ElementTree.fromstring(self.response_body)
            return next(each.text for each in root.iter() if local_name(each) == "Code"), {}
        members = from_cbor(self.response_body) if self.protocol == "cbor" else json.loads(self.response_body)
        code = members.pop("__type", None) or self.response_headers.get("x-amzn-errortype", "")
        return code.split("#")[-1], members


def plain_body(text, headers):
    body = base64.b64decode(text)
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


def from_cbor(body):
    return botocore.parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))


def rest_members(shape, headers, body, members):
    """Adds the members from headers and body to `members`. Unknown headers of the service become members too."""
    known = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header":
            known[member.serialization["name"].lower()] = name
    for header, value in headers.items():
        if header in known:
            members[known[header]] = value
        elif header.startswith("x-amzn-") and header not in ("x-amzn-requestid", "x-amzn-errortype"):
            members[header] = value
    payload = shape.serialization.get("payload")
    if payload:
        members[payload] = body
    return members


def from_xml(shape, element):
    """Parses an element of the query protocol. Texts are converted to the type of the shape, if possible."""
    if shape.type_name == "structure":
        known = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        found = {}
        for child in element:
            name, member = known.get(local_name(child), (local_name(child), None))
            found[name] = from_xml(member, child) if member is not None else child.text
        return found
    if shape.type_name == "list":
        return [from_xml(shape.member, child) for child in element if local_name(child) == "member"]
    return scalar(shape.type_name, element.text or "")


def scalar(kind, text):
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "timestamp":
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return {"true": True, "false": False}[text] if kind == "boolean" else text
    except (KeyError, ValueError):
        return text


def local_name(element):
    return element.tag.split("}")[-1]
