"""The host of a unit test: it answers from an event and notes what is asked for."""

from __future__ import annotations

import json
import re
import typing
from dataclasses import fields, is_dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from . import records
from .errors import ApiError
from .factor import Factor
from .json_text import Json
from .secret import Secret

NOW_MILLIS = 1_767_268_800_000
_DEFAULT_TTL = 15 * 60 * 1_000
_MAX_TTL = 24 * 60 * 60 * 1_000

# The groups that are records, and where they are in the event.
_RECORDS = {
    "authentication": (records.Authentication, "authentication"),
    "authorization": (records.Authorization, "authorization"),
    "client": (records.Client, "client"),
    "connection": (records.Connection, "connection"),
    "custom_domain": (records.CustomDomain, "custom_domain"),
    "organization": (records.Organization, "organization"),
    "prompt": (records.Prompt, "prompt"),
    "request": (records.Request, "request"),
    "stats": (records.Stats, "stats"),
    "tenant": (records.Tenant, "tenant"),
    "transaction": (records.Transaction, "transaction"),
    "user": (records.User, "user"),
}


class Double:
    """The kit's :class:`flowhost_action.host.Host`."""

    def __init__(
        self,
        event: Dict[str, Any],
        cached: Dict[str, str],
        token: Union[Mapping[str, Any], str, None],
    ) -> None:
        self._event = event
        self._token = token
        self._cache: Dict[str, Tuple[str, int]] = {}
        self.commands: List[Tuple[Any, ...]] = []
        self.logs: List[Tuple[str, str]] = []
        self.tokens: List[Dict[str, Any]] = []
        for key, value in cached.items():
            self.cache_set(key, value, None, None)

    def cached(self) -> Dict[str, str]:
        return {key: value for key, (value, _) in self._cache.items()}

    def __getattr__(self, name: str) -> Any:
        group = name.removeprefix("get_")
        if group not in _RECORDS:
            raise AttributeError(name)
        kind, place = _RECORDS[group]
        return lambda: _read(kind, self._event.get(place))

    # The event, where it is no record.

    def get_identities(self) -> List[records.Identity]:
        found = self._event["user"].get("identities") or []
        return [_read(records.Identity, each) for each in found]

    def get_enrolled_factors(self) -> Optional[List[records.EnrolledFactor]]:
        found = self._event["user"].get("enrolledFactors")
        return None if found is None else [_read(records.EnrolledFactor, each) for each in found]

    def get_app_metadata(self) -> str:
        return Json.of(self._event["user"].get("app_metadata", {}))

    def get_user_metadata(self) -> str:
        return Json.of(self._event["user"].get("user_metadata", {}))

    def get_configuration(self) -> str:
        return Json.of(self._event["configuration"])

    def get_secrets(self) -> List[Tuple[str, str]]:
        return list(self._event["secrets"].items())

    def get_secret(self, name: str) -> Optional[str]:
        return self._event["secrets"].get(name)

    def get_json(self) -> str:
        return Json.of(self._event)

    def get_json_at(self, pointer: str) -> Optional[str]:
        found = _at(self._event, pointer)
        return None if found is _NOTHING else Json.of(found)

    def get_text_at(self, pointer: str) -> Optional[str]:
        found = _at(self._event, pointer)
        return found if isinstance(found, str) else None

    # What an action asks for.

    def deny(self, reason: str) -> None:
        self.commands.append(("deny", reason))

    def challenge_with(self, factor: Factor, additional: List[Factor]) -> None:
        self.commands.append(("challenge_with", factor, tuple(additional)))

    def challenge_with_any(self, factors: List[Factor]) -> None:
        self.commands.append(("challenge_with_any", tuple(factors)))

    def render(self, id: str, fields: Optional[str], vars: Optional[str]) -> None:
        self.commands.append(("render", id, _parsed(fields), _parsed(vars)))

    def send_user_to(self, url: str, query: List[Tuple[str, str]]) -> None:
        self.commands.append(("send_user_to", url, tuple(query)))

    def set_result_url(self, url: str, query: List[Tuple[str, str]]) -> None:
        self.commands.append(("set_result_url", url, tuple(query)))

    def encode_token(self, secret: Secret, payload: str, expires_in: Optional[int]) -> str:
        self._known(secret)
        self.tokens.append(json.loads(payload))
        return f"test-token-{len(self.tokens)}"

    def validate_token(self, secret: Secret, parameter: Optional[str]) -> str:
        self._known(secret)
        if self._token is None:
            raise ApiError("TokenMissing", "the user came back without a token")
        if isinstance(self._token, str):
            raise ApiError("TokenInvalid", self._token)
        return Json.of(dict(self._token))

    def _known(self, secret: Secret) -> None:
        if secret.name is not None and not self._event["secrets"].get(secret.name):
            raise ApiError("UnknownSecret", f"the action has no secret '{secret.name}'")

    def log(self, level: str, message: str) -> None:
        self.logs.append((level, message))

    # The cache, within the bounds of the real one.

    def cache_get(self, key: str) -> Optional[Tuple[str, int]]:
        return self._cache.get(key)

    def cache_set(
        self, key: str, value: str, ttl: Optional[int], expires_at: Optional[int]
    ) -> Tuple[str, int]:
        if len(key.encode()) > 64:
            raise ApiError("CacheKeySizeExceeded", "a key has at most 64 bytes")
        if len(value.encode()) > 4096:
            raise ApiError("CacheValueSizeExceeded", "a value has at most 4,096 bytes")
        end = _end(ttl, expires_at)
        others = [(name, held) for name, (held, _) in self._cache.items() if name != key]
        size = sum(len(f"{name}{held}".encode()) for name, held in [*others, (key, value)])
        if len(others) >= 20 or size > 8192:
            raise ApiError("CacheSizeExceeded", "at most 20 entries and 8,192 bytes together")
        self._cache[key] = (value, end)
        return value, end

    def cache_delete(self, key: str) -> None:
        if self._cache.pop(key, None) is None:
            raise ApiError("CacheKeyDoesNotExist", f"there is no entry '{key}'")


def _end(ttl: Optional[int], expires_at: Optional[int]) -> int:
    ends = [] if ttl is None else [NOW_MILLIS + ttl]
    ends += [] if expires_at is None else [expires_at]
    if (ttl or 0) < 0 or (expires_at or 0) < 0:
        raise ApiError("InvalidExpiry", "an entry does not live a negative time")
    end = min(ends, default=NOW_MILLIS + _DEFAULT_TTL)
    if end <= NOW_MILLIS:
        raise ApiError("ItemAlreadyExpired", "the entry ends in the past")
    if end > NOW_MILLIS + _MAX_TTL:
        raise ApiError("InvalidExpiry", "an entry lives at most 24 hours")
    return end


_NOTHING = object()
# Digits without a leading zero.
_INDEX = re.compile("0|[1-9][0-9]*")


def _at(value: Any, pointer: str) -> Any:
    """A place by JSON Pointer (RFC 6901), as the host finds it."""
    if pointer and not pointer.startswith("/"):
        return _NOTHING
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return _NOTHING
    return value


def _parsed(text: Optional[str]) -> Any:
    return None if text is None else json.loads(text)


def _read(kind: Any, value: Any) -> Any:
    """A value of the event as the type ``kind``."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Union:
        return None if value is None else _read(arguments[0], value)
    if origin is list:
        return [_read(arguments[0], each) for each in value or []]
    if origin is dict:
        return dict(value or {})
    if kind is Json:
        return Json.of({} if value is None else value)
    if not is_dataclass(kind):
        return kind() if value is None else value
    if value is None and kind in (records.CustomDomain, records.Organization, records.Prompt):
        return None
    hints, found = typing.get_type_hints(kind), value or {}
    return kind(**{each.name: _read(hints[each.name], _named(found, each.name)) for each in fields(kind)})


def _named(record: Dict[str, Any], name: str) -> Any:
    """Names in the event mix snake and camel case."""
    first, *rest = name.split("_")
    return record.get(name, record.get(first + "".join(part.capitalize() for part in rest)))
