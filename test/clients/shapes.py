"""Checks recorded exchanges fully against botocore's service models, beyond the checks of botocore itself.

Usage: shapes.py FILE, with one JSON exchange per line. Prints the number of exchanges by operation, and the problems.
"""
import collections
import datetime
import json
import sys

import regex
from account import print_json
from wire import Exchange

# Errors that any operation can return, and SageMaker's ValidationException, which no operation lists.
COMMON = {
    "AccessDenied",
    "AccessDeniedException",
    "InternalFailure",
    "InternalServiceError",
    "InvalidAction",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
}
# Epoch seconds from 2001 to 2100. Milliseconds are far above this range.
EARLIEST, LATEST = 1e9, 4.1e9


# Java's pairs of surrogates stand for one range of code points.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"


def in_code_points(pattern):
    return pattern.replace(SURROGATES, r"\U00010000-\U0010FFFF")


def check(shape, value, path=""):
    """Yields the problems of a value, as `path: problem`."""
    yield from CHECKS[shape.type_name](shape, value, path)


def check_structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: {kind_of(value)} instead of a structure"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: is required"
    for name, member in value.items():
        if name in shape.members:
            yield from check(shape.members[name], member, f"{path}.{name}")
        else:
            yield f"{path}.{name}: is not in the model"


def check_list(shape, value, path):
    if not isinstance(value, list):
        yield f"{path}: {kind_of(value)} instead of a list"
        return
    yield from check_range(shape, len(value), path, "members")
    for index, member in enumerate(value):
        yield from check(shape.member, member, f"{path}[{index}]")


def check_map(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: {kind_of(value)} instead of a map"
        return
    yield from check_range(shape, len(value), path, "entries")
    for key, member in value.items():
        yield from check(shape.key, key, f"{path} key")
        yield from check(shape.value, member, f"{path}.{key}")


def check_string(shape, value, path):
    if not isinstance(value, str):
        yield f"{path}: {kind_of(value)} instead of a string"
        return
    yield from check_range(shape, len(value), path, "characters")
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value} is none of its enum"
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(in_code_points(pattern), value):
        yield f"{path}: {value} does not match {pattern}"


def check_integer(shape, value, path):
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path}: {kind_of(value)} instead of an integer"
    else:
        yield from check_range(shape, value, path, "")


def check_number(shape, value, path):
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield f"{path}: {kind_of(value)} instead of a number"
    else:
        yield from check_range(shape, value, path, "")


def check_boolean(shape, value, path):
    if not isinstance(value, bool):
        yield f"{path}: {kind_of(value)} instead of a boolean"


def check_timestamp(shape, value, path):
    seconds = value.timestamp() if isinstance(value, datetime.datetime) else value
    if not isinstance(seconds, (int, float)) or not EARLIEST < seconds < LATEST:
        yield f"{path}: {value} is no time in epoch seconds"


def check_blob(shape, value, path):
    if not isinstance(value, (str, bytes)):
        yield f"{path}: {kind_of(value)} instead of a blob"
    else:
        yield from check_range(shape, len(value), path, "bytes")


def check_range(shape, value, path, unit):
    low, high = shape.metadata.get("min", value), shape.metadata.get("max", value)
    for bound, is_violated in (("min", value < low), ("max", value > high)):
        if is_violated:
            yield f"{path}: {value} {unit}".rstrip() + f", {bound} {shape.metadata[bound]}"


def kind_of(value):
    return type(value).__name__


CHECKS = {
    "structure": check_structure,
    "list": check_list,
    "map": check_map,
    "string": check_string,
    "character": check_string,
    "integer": check_integer,
    "long": check_integer,
    "float": check_number,
    "double": check_number,
    "boolean": check_boolean,
    "timestamp": check_timestamp,
    "blob": check_blob,
}


def check_error(exchange):
    code, members = exchange.error()
    modelled = {name: shape for shape in exchange.operation.error_shapes for name in names_of(shape)}
    if code in modelled:
        known = {name for name in members if name.lower() != "message"}
        yield from check(modelled[code], {name: members[name] for name in known}, code)
    elif code not in COMMON:
        yield f": {code} is not an error of this operation"


def names_of(shape):
    return {shape.name, shape.metadata.get("error", {}).get("code", shape.name)}


def check_exchange(exchange):
    operation = exchange.operation
    request = exchange.request()
    if request is not None and operation.input_shape is not None:
        yield from (f"request{problem}" for problem in check(operation.input_shape, request))
    if exchange.status >= 300:
        yield from (f"error{problem}" for problem in check_error(exchange))
    elif operation.output_shape is not None:
        yield from (f"response{problem}" for problem in check(operation.output_shape, exchange.response()))
    elif exchange.response():
        yield "response: has members, but the model has none"


counts = collections.Counter()
problems = collections.Counter()
with open(sys.argv[1]) as lines:
    for line in lines:
        exchange = Exchange(json.loads(line))
        counts[f"{exchange.operation.name} ({exchange.protocol})"] += 1
        for problem in check_exchange(exchange):
            problems[f"{exchange.operation.name} {problem}"] += 1
print_json({"counts": counts, "problems": problems})
