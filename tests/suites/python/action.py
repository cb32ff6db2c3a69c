"""What the suite plays: a mode for each of the things that it asks."""

import os
import random
import secrets
import socket
import sys
import time

from flowhost_action import Api, Event

AT_BUILD = {"random": random.random(), "time": time.time()}


def on_execute(event: Event, api: Api) -> None:
    globals()[event.configuration.parse()["mode"]](event, api)


def randomness(event, api):
    api.log.info(random.random())
    api.log.info(secrets.token_hex(16))
    api.log.info(os.urandom(16).hex())
    api.log.info(AT_BUILD["random"])


def clock(event, api):
    # The host's, not the one that was there when the action was built.
    api.log.info(time.time() > AT_BUILD["time"])
    before = time.monotonic()
    time.sleep(0.02)
    api.log.info(0.02 <= time.monotonic() - before < 5)


def reach(event, api):
    attempts = [
        lambda: open("/etc/passwd"),
        lambda: open("here.txt", "w"),
        lambda: os.listdir("/"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    ]
    for attempt in attempts:
        try:
            attempt()
            api.log.info("went through")
        except OSError as error:
            api.log.info(type(error).__name__)


def output(event, api):
    print("printed", "ü")
    print("complained", file=sys.stderr)


def away(event, api):
    api.redirect.send_user_to("https://verify.example.com/")


def wrong(event, api):
    nested({})


def nested(empty):
    return empty["nothing"]


def leave(event, api):
    sys.exit(3)


def deep(event, api):
    def deeper(depth):
        return deeper(depth + 1)

    deeper(0)


def hoard(event, api):
    held = []
    while True:
        held.append(bytearray(1 << 20))


def surrogate(event, api):
    raise ValueError("bad \ud800 text")
