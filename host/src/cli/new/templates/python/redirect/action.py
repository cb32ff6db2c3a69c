"""Sends the user to another site, and goes on when that site says so."""

from flowhost_action import Api, ApiError, Event, Secret

KEY = Secret.named("TOKEN_KEY")


def on_execute(event: Event, api: Api) -> None:
    verifier = event.configuration.parse()["verifier"]
    token = api.redirect.encode_token(KEY, {"reason": "password reset"})
    api.redirect.send_user_to(verifier, {"session_token": token})


def on_continue(event: Event, api: Api) -> None:
    try:
        # Signed by the other site, for this user and this redirect, and not expired.
        if api.redirect.validate_token(KEY).parse().get("result") == "ok":
            return
        api.log.info("the other site did not say ok")
    except ApiError as refusal:
        api.log.warn(refusal)
    api.access.deny("We could not verify that it is you.")
