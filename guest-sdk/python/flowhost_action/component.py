"""The component: the contract's exports around an action, and the real host behind
the kit. ``flowhost build`` calls :func:`export`; nothing of this runs in a unit test."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Callable, List, Optional, Tuple

from componentize_py_types import Err
from wit_world.imports import (
    access,
    authentication,
    cache,
    event,
    log,
    prompt,
    redirect,
    transaction,
    types,
)

from ._alone import Watch
from .api import Api
from .errors import ApiError, failure_of
from .event import Event
from .factor import Factor
from .json_text import Json
from .secret import Secret

# Fields that hold JSON, by the record they are in; and those that are pairs.
_JSON = {
    "AkamaiUserRisk": ("general", "risk", "trust"),
    "Prompt": ("fields", "vars"),
    "Request": ("body", "query"),
    "Identity": ("profile_data",),
    "EnrolledFactor": ("options",),
}
_PAIRS = {
    "Client": "metadata",
    "Connection": "metadata",
    "CustomDomain": "domain_metadata",
    "Organization": "metadata",
}
_LEVELS = {level.name.lower(): level for level in log.Level}


def export(module_name: str, continues: bool, entry: str) -> List[Callable[[], None]]:
    """Imports the action and gives its handlers as the contract wants them: the second
    one only where the component is to export it. ``flowhost build`` must say that
    before the module is imported, and looks for the mark when it was mistaken. ``entry``
    is the module that it begins with: beside it stands what is not the author's."""
    sys.dont_write_bytecode = True
    if module_name in sys.stdlib_module_names:
        # Python would import its own.
        raise ImportError(
            f"{module_name}.py has the name of a module of Python's own library: "
            "rename it, action.py for one"
        )
    watch = Watch()
    module = _while_building(lambda: importlib.import_module(module_name))
    on_execute = getattr(module, "on_execute", None)
    if not callable(on_execute):
        raise TypeError("the action has no function on_execute(event, api)")
    on_continue = getattr(module, "on_continue", None)
    if on_continue is not None and not callable(on_continue):
        raise TypeError("on_continue is no function: on_continue(event, api)")
    if (on_continue is not None) != continues:
        raise RuntimeError("flowhost: another world")
    builders = os.path.dirname(entry)
    if watch.alone([os.path.dirname(module.__file__ or ""), builders]):
        with open(os.path.join(builders, "alone"), "x"):
            pass
    return [_handler(each) for each in (on_execute, on_continue) if each is not None]


def _while_building(load: Callable[[], Any]) -> Any:
    """What is random while the action is built would be the same in every run, and
    readable in the component. So there is no secure randomness then."""
    urandom, building = os.urandom, True

    def guarded(size: int) -> bytes:
        if building:
            raise RuntimeError(
                "randomness that is drawn while the action is built would be the same "
                "in every run: draw it in on_execute or on_continue"
            )
        return urandom(size)

    os.urandom = guarded
    if "random" in sys.modules:
        sys.modules["random"]._urandom = guarded  # type: ignore[attr-defined]
    try:
        return load()
    finally:
        building = False


def _handler(function: Callable[[Event, Api], None]) -> Callable[[], None]:
    def handle() -> None:
        host = _Host()
        try:
            function(Event(host), Api(host))
        except BaseException as error:  # SystemExit too: nothing else would report it.
            failure = failure_of(error)
            stack = None if failure.stack is None else _sound(failure.stack)
            raise Err(types.Failure(failure.name, _sound(failure.message), stack)) from None
        finally:
            sys.stdout.flush()
            sys.stderr.flush()

    return handle


def _sound(text: str) -> str:
    """Half a surrogate pair is no text to the host: it would end the run as a trap."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _or_refused(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except Err as error:
        refusal = error.value
    raise ApiError(refusal.code, refusal.message)


class _Host:
    """The kit's :class:`flowhost_action.host.Host`."""

    def __getattr__(self, name: str) -> Any:
        # The functions of `event`, such as `get_user`.
        function = getattr(event, name)
        return lambda *arguments: _polished(function(*arguments))

    def deny(self, reason: str) -> None:
        _or_refused(access.deny, reason)

    def challenge_with(self, factor: Factor, additional: List[Factor]) -> None:
        others = [_wire_factor(each) for each in additional]
        _or_refused(authentication.challenge_with, _wire_factor(factor), others)

    def challenge_with_any(self, factors: List[Factor]) -> None:
        _or_refused(authentication.challenge_with_any, [_wire_factor(each) for each in factors])

    def cache_get(self, key: str) -> Optional[Tuple[str, int]]:
        found = cache.get(key)
        return None if found is None else (found.value, found.expires_at)

    def cache_set(
        self, key: str, value: str, ttl: Optional[int], expires_at: Optional[int]
    ) -> Tuple[str, int]:
        record = _or_refused(cache.set, key, value, cache.Expiry(ttl, expires_at))
        return record.value, record.expires_at

    def cache_delete(self, key: str) -> None:
        _or_refused(cache.delete, key)

    def render(self, id: str, fields: Optional[str], vars: Optional[str]) -> None:
        _or_refused(prompt.render, id, fields, vars)

    def send_user_to(self, url: str, query: List[Tuple[str, str]]) -> None:
        _or_refused(redirect.send_user_to, url, query)

    def encode_token(self, secret: Secret, payload: str, expires_in: Optional[int]) -> str:
        return _or_refused(redirect.encode_token, _wire_secret(secret), payload, expires_in)

    def validate_token(self, secret: Secret, parameter: Optional[str]) -> str:
        return _or_refused(redirect.validate_token, _wire_secret(secret), parameter)

    def set_result_url(self, url: str, query: List[Tuple[str, str]]) -> None:
        _or_refused(transaction.set_result_url, url, query)

    def log(self, level: str, message: str) -> None:
        log.write(_LEVELS[level], message)


def _polished(value: Any) -> Any:
    """A value of the event with JSON as :class:`Json`, and pairs as a dict."""
    if isinstance(value, list):
        for item in value:
            _polished(item)
        return value
    kind = type(value).__name__
    for field in _JSON.get(kind, ()):
        text = getattr(value, field)
        if text is not None:
            setattr(value, field, Json(text))
    if kind in _PAIRS:
        setattr(value, _PAIRS[kind], dict(getattr(value, _PAIRS[kind])))
    elif kind == "Authentication":
        _polish_risk(value.risk_assessment)
    return value


def _polish_risk(assessment: Any) -> None:
    for name in ("supplemental", "akamai", "akamai_user_risk"):
        if assessment is None:
            return
        assessment = getattr(assessment, name)
    _polished(assessment)


def _wire_factor(factor: Factor) -> Any:
    kind = factor.type
    if kind == "otp":
        return authentication.Factor_Otp()
    if kind == "email":
        return authentication.Factor_Email()
    if kind == "webauthn-platform":
        return authentication.Factor_WebauthnPlatform()
    if kind == "webauthn-roaming":
        return authentication.Factor_WebauthnRoaming()
    if kind == "recovery-code":
        return authentication.Factor_RecoveryCode(factor.options)
    if kind == "phone":
        method = factor.preferred_method
        wire = None if method is None else authentication.PhoneMethod[method.upper()]
        return authentication.Factor_Phone(authentication.PhoneOptions(wire))
    if kind == "push-notification":
        options = authentication.PushOptions(factor.otp_fallback)
        return authentication.Factor_PushNotification(options)
    return authentication.Factor_Other(authentication.OtherFactor(kind, factor.options))


def _wire_secret(secret: Secret) -> Any:
    if secret.name is not None:
        return redirect.Secret_Named(secret.name)
    return redirect.Secret_Value(secret.text or "")
