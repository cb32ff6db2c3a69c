"""Lets some of what schemathesis generates get past what nobody can guess: the
name of a flow that is served, the event of the trigger, and ids that exist.
A body is only changed when it is as the document says: what is wrong stays
wrong."""

import json
import pathlib

import schemathesis

HERE = pathlib.Path.cwd()
EVENT = json.loads((HERE / "event.json").read_text())
IDS = (HERE / "ids.txt").read_text().split()


def some(value):
    """Half of the values, the same in every run."""
    return len(json.dumps(value, default=str)) % 2 == 0


def is_start(body):
    return (
        isinstance(body, dict)
        and {"flow", "event"} <= body.keys() <= {"flow", "event", "wait_for_browser"}
        and isinstance(body["flow"], str)
        and 1 <= len(body["flow"]) <= 64
        and isinstance(body["event"], dict)
        and isinstance(body.get("wait_for_browser", True), bool)
    )


@schemathesis.hook
def map_body(context, body):
    if not is_start(body) or not some(body):
        return body
    event = {**EVENT, **body["event"]} if some(body["event"]) else EVENT
    return {**body, "flow": "reset", "event": event}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and some(path_parameters):
        place = len(str(path_parameters)) // 2 % len(IDS)
        return {**path_parameters, "flow_id": IDS[place]}
    return path_parameters
