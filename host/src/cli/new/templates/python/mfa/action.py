"""Asks for a second factor before a new password may be set."""

from flowhost_action import Api, Event


def on_execute(event: Event, api: Api) -> None:
    api.authentication.challenge_with("webauthn-roaming", ["otp", "email"])
