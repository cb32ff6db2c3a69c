"""Unit tests without WebAssembly::

    from flowhost_action.testing import Run

    run = Run({"connection": {"name": "employees"}}).execute(action)
    assert run.commands == [challenge_with("otp")]

The double is not a second host: which factors are usable, which URLs are allowed and
what a token holds is for a run of the real one.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from ._double import Double
from .api import Api
from .errors import Failure, failure_of
from .event import Event
from .factor import Factor

#: The time in a test: 2026-01-01T12:00:00Z, in milliseconds. It does not pass.
from ._double import NOW_MILLIS as NOW_MILLIS

Command = Tuple[Any, ...]

_PLAIN_EVENT = {
    "authentication": {"methods": [{"name": "email", "timestamp": "2026-01-01T11:58:00.000Z"}]},
    "authorization": {"roles": []},
    "client": {"client_id": "client-1", "name": "Example App", "metadata": {}},
    "connection": {
        "id": "con_1",
        "name": "Username-Password-Authentication",
        "strategy": "auth0",
        "metadata": {},
    },
    "request": {
        "body": {},
        "query": {},
        "method": "GET",
        "ip": "192.0.2.10",
        "hostname": "login.example.com",
        "geoip": {},
    },
    "stats": {"logins_count": 1},
    "tenant": {"id": "example"},
    "transaction": {"locale": "en", "ui_locales": []},
    "user": {
        "app_metadata": {},
        "user_metadata": {},
        "created_at": "2025-01-01T12:00:00.000Z",
        "updated_at": "2025-06-01T12:00:00.000Z",
        "user_id": "auth0|ada",
        "email": "ada@example.com",
        "email_verified": True,
        "enrolledFactors": [],
        "identities": [],
    },
}


def deny(reason: str) -> Command:
    """The command of ``api.access.deny``."""
    return ("deny", reason)


def challenge_with(
    factor: Union[Factor, str], additional: Iterable[Union[Factor, str]] = ()
) -> Command:
    """The command of ``api.authentication.challenge_with``."""
    return ("challenge_with", Factor.of(factor), tuple(Factor.of(each) for each in additional))


def challenge_with_any(factors: Iterable[Union[Factor, str]]) -> Command:
    """The command of ``api.authentication.challenge_with_any``."""
    return ("challenge_with_any", tuple(Factor.of(each) for each in factors))


def render(id: str, *, fields: Any = None, vars: Any = None) -> Command:
    """The command of ``api.prompt.render``."""
    return ("render", id, fields, vars)


def send_user_to(url: str, query: Optional[Mapping[str, str]] = None) -> Command:
    """The command of ``api.redirect.send_user_to``."""
    return ("send_user_to", url, tuple((query or {}).items()))


def set_result_url(url: str, query: Optional[Mapping[str, str]] = None) -> Command:
    """The command of ``api.transaction.set_result_url``."""
    return ("set_result_url", url, tuple((query or {}).items()))


@dataclass(frozen=True)
class Report:
    """A run that has happened."""

    #: What it asked for, in call order; nothing when it failed.
    commands: List[Command]
    #: What it said: level and message.
    logs: List[Tuple[str, str]]
    #: The payloads of the tokens it had signed. It got ``test-token-1``,
    #: ``test-token-2`` and so on in their place.
    tokens: List[Dict[str, Any]]
    #: The values in the cache.
    cached: Dict[str, str]
    #: What the handler raised.
    error: Optional[Failure]


class Run:
    """A run that is about to happen.

    The event is a plain one: ``auth0|ada`` with a verified email address, an email
    link as the first factor, no enrolled factors. Tests say what differs: objects are
    merged key by key, None removes a key, all else replaces (RFC 7396).
    """

    def __init__(
        self,
        event: Optional[Mapping[str, Any]] = None,
        *,
        configuration: Optional[Mapping[str, Any]] = None,
        secrets: Optional[Mapping[str, str]] = None,
        cached: Optional[Mapping[str, str]] = None,
        token: Union[Mapping[str, Any], str, None] = None,
    ) -> None:
        """``token`` is what ``validate_token`` answers: the claims, or why the token is
        refused. Unless given, the user came back without one."""
        merged = _merge(copy.deepcopy(_PLAIN_EVENT), event or {})
        merged["configuration"] = dict(configuration or {})
        merged["secrets"] = dict(secrets or {})
        self._double = Double(json.loads(json.dumps(merged)), dict(cached or {}), token)

    def execute(self, action: ModuleType) -> Report:
        """Run ``on_execute`` of a module, or of any object."""
        return self._run(action.on_execute)

    def continue_(self, action: ModuleType) -> Report:
        """Run ``on_continue``."""
        return self._run(action.on_continue)

    def _run(self, handler: Any) -> Report:
        double, error = self._double, None
        try:
            handler(Event(double), Api(double))
        except Exception as raised:
            error = failure_of(raised)
            double.commands.clear()
        return Report(double.commands, double.logs, double.tokens, double.cached(), error)


def _merge(target: Any, changes: Any) -> Any:
    if not isinstance(changes, Mapping):
        return changes
    target = target if isinstance(target, dict) else {}
    for key, change in changes.items():
        if change is None:
            target.pop(key, None)
        else:
            target[key] = _merge(target.get(key), change)
    return target
