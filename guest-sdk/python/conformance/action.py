"""The conformance action in Python: it does what its configuration says, and logs what
each call came to. ``tests/conformance/README.md`` in the project says how."""

from flowhost_action import Api, ApiError, Event, Factor, Failure, Secret

import look
from step import Step


def on_execute(event: Event, api: Api) -> None:
    play(event, api, "execute")


def on_continue(event: Event, api: Api) -> None:
    play(event, api, "continue")


def play(event: Event, api: Api, handler: str) -> None:
    for step in Step(event, f"/configuration/{handler}").all():
        name = step.required("call")
        try:
            result = perform(name, step, event, api)
        except ApiError as refusal:
            api.log.info(f"{name}: error {refusal.code}")
        else:
            api.log.info(f"{name}: ok" if result is None else f"{name}: ok {result}")


def perform(name, step, event, api):
    """Performs a call; the text of its result, if it has one."""
    function = CALLS.get(name)
    if function is None:
        raise Failure("UnknownCall", name)
    return function(step, event, api)


def deny(step, event, api):
    api.access.deny(step.required("reason"))


def challenge_with(step, event, api):
    additional = [factor(each) for each in step.part("additional").all()]
    api.authentication.challenge_with(factor(step.part("factor")), additional)


def challenge_with_any(step, event, api):
    factors = [factor(each) for each in step.part("factors").all()]
    api.authentication.challenge_with_any(factors)


def factor(step):
    kind = step.required("type")
    if kind == "recovery-code":
        return Factor.recovery_code(step.json("options"))
    if kind == "phone":
        return Factor.phone(step.text("preferred-method"))
    if kind == "push-notification":
        return Factor.push_notification(step.plain("otp-fallback"))
    if kind in ("otp", "email", "webauthn-platform", "webauthn-roaming"):
        return Factor(kind)
    return Factor.other(kind, step.json("options"))


def cache_get(step, event, api):
    found = api.cache.get(step.required("key"))
    return "none" if found is None else record(found)


def cache_set(step, event, api):
    ttl, expires_at = step.plain("ttl"), step.plain("expires-at")
    key, value = step.required("key"), step.required("value")
    return record(api.cache.set(key, value, ttl=ttl, expires_at=expires_at))


def cache_delete(step, event, api):
    api.cache.delete(step.required("key"))


def record(entry):
    return f"{look.quoted(entry.value)} {entry.expires_at}"


def render(step, event, api):
    api.prompt.render(step.required("id"), fields=step.json("fields"), vars=step.json("vars"))


def send_user_to(step, event, api):
    api.redirect.send_user_to(step.required("url"), step.pairs("query"))


def set_result_url(step, event, api):
    api.transaction.set_result_url(step.required("url"), step.pairs("query"))


def secret(step):
    name = step.text("secret-named")
    return Secret.value(step.required("secret-value")) if name is None else Secret.named(name)


def encode_token(step, event, api):
    seconds = step.plain("expires-in-seconds")
    return api.redirect.encode_token(secret(step), step.json("payload"), expires_in=seconds)


def validate_token(step, event, api):
    return api.redirect.validate_token(secret(step), step.text("token-parameter-name"))


def log(step, event, api):
    getattr(api.log, step.required("level"))(step.required("message"))


def show(step, event, api):
    for line in look.group(event, step.required("group")):
        api.log.info(line)


def get_secret(step, event, api):
    return look.text(event.secret(step.required("name")))


def get_json(step, event, api):
    return event.json


def get_json_at(step, event, api):
    found = event.json_at(step.required("pointer"))
    return "none" if found is None else found


def get_text_at(step, event, api):
    return look.text(event.text_at(step.required("pointer")))


def fail(step, event, api):
    name, stack = step.required("name"), step.text("stack")
    if stack is not None:
        raise Failure(name, step.required("message"), stack)
    raise type(name, (Exception,), {})(step.required("message"))


def loop(step, event, api):
    while True:
        pass


def trap(step, event, api):
    return None + 1  # A bug.


CALLS = {
    "deny": deny,
    "challenge-with": challenge_with,
    "challenge-with-any": challenge_with_any,
    "cache-get": cache_get,
    "cache-set": cache_set,
    "cache-delete": cache_delete,
    "render": render,
    "send-user-to": send_user_to,
    "set-result-url": set_result_url,
    "encode-token": encode_token,
    "validate-token": validate_token,
    "log": log,
    "event": show,
    "get-secret": get_secret,
    "get-json": get_json,
    "get-json-at": get_json_at,
    "get-text-at": get_text_at,
    "fail": fail,
    "loop": loop,
    "trap": trap,
}
