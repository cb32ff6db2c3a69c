"""What an action may ask for. Nothing takes effect before its handler has returned;
``cache`` and the two token functions of ``redirect`` answer at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, List, Mapping, Optional, Tuple, Union

from .factor import Factor
from .host import Host
from .json_text import Json
from .secret import Secret

Query = Union[Mapping[str, str], Iterable[Tuple[str, str]]]


class _Group:
    def __init__(self, host: Host) -> None:
        self._host = host


class Access(_Group):
    """Whether the reset may go on."""

    def deny(self, reason: str) -> None:
        """Refuse the password reset. ``reason`` may be shown to the user."""
        self._host.deny(reason)


class Authentication(_Group):
    """Further proof of who the user is."""

    def challenge_with(
        self, factor: Union[Factor, str], additional: Iterable[Union[Factor, str]] = ()
    ) -> None:
        """Ask for ``factor``; the user may choose one of ``additional`` instead."""
        self._host.challenge_with(Factor.of(factor), [Factor.of(each) for each in additional])

    def challenge_with_any(self, factors: Iterable[Union[Factor, str]]) -> None:
        """Let the user pick one of ``factors``."""
        self._host.challenge_with_any([Factor.of(each) for each in factors])


@dataclass(frozen=True)
class Cached:
    """An entry of the cache."""

    value: str
    #: Milliseconds since the Unix epoch.
    expires_at: int


class Cache(_Group):
    """A small store shared by the actions of a tenant's trigger."""

    def get(self, key: str) -> Optional[Cached]:
        """The entry, or None when there is none or it has expired."""
        found = self._host.cache_get(key)
        return None if found is None else Cached(*found)

    def set(
        self,
        key: str,
        value: str,
        *,
        ttl: Optional[int] = None,
        expires_at: Optional[int] = None,
    ) -> Cached:
        """Write an entry. It ends ``ttl`` milliseconds from now, or at ``expires_at``
        milliseconds since the Unix epoch; after 15 minutes when neither is given."""
        return Cached(*self._host.cache_set(key, value, ttl, expires_at))

    def delete(self, key: str) -> None:
        """Remove an entry."""
        self._host.cache_delete(key)


class Prompts(_Group):
    """Forms. The flow goes on in ``on_continue`` with the answers."""

    def render(self, id: str, *, fields: Any = None, vars: Any = None) -> None:
        """Show the prompt called ``id``. ``fields`` and ``vars`` are JSON objects."""
        self._host.render(id, _json(fields), _json(vars))


class Redirect(_Group):
    """Sending the user to another site, and tokens to send along. The flow goes on in
    ``on_continue`` when the user returns."""

    def send_user_to(self, url: str, query: Query = ()) -> None:
        """Redirect to an absolute URL. Each pair of ``query`` replaces the parameters
        of the same name; the host adds ``state``."""
        self._host.send_user_to(url, _pairs(query))

    def encode_token(
        self, secret: Union[Secret, str], payload: Any, *, expires_in: Optional[int] = None
    ) -> str:
        """Make a session token: a JWT signed with ``secret`` (a ``str`` names one of the
        action's) that lives ``expires_in`` seconds, by default 900."""
        return self._host.encode_token(Secret.of(secret), Json.of(payload), expires_in)

    def validate_token(
        self, secret: Union[Secret, str], parameter: Optional[str] = None
    ) -> Json:
        """The claims of the token the user came back with, in the body or the query
        under ``parameter``, by default ``session_token``."""
        return Json(self._host.validate_token(Secret.of(secret), parameter))


class Transaction(_Group):
    """The transaction as a whole."""

    def set_result_url(self, url: str, query: Query = ()) -> None:
        """Where the user goes after the password was changed."""
        self._host.set_result_url(url, _pairs(query))


class Log(_Group):
    """Messages for whoever operates the flow; never shown to the user."""

    def debug(self, message: object) -> None:
        """What helps to find a fault."""
        self._host.log("debug", str(message))

    def info(self, message: object) -> None:
        """What happened."""
        self._host.log("info", str(message))

    def warn(self, message: object) -> None:
        """What may be wrong."""
        self._host.log("warn", str(message))

    def error(self, message: object) -> None:
        """What is wrong."""
        self._host.log("error", str(message))


class Api:
    """All of it. A call that is refused raises :class:`flowhost_action.ApiError`."""

    def __init__(self, host: Host) -> None:
        self.access = Access(host)
        self.authentication = Authentication(host)
        self.cache = Cache(host)
        self.prompt = Prompts(host)
        self.redirect = Redirect(host)
        self.transaction = Transaction(host)
        self.log = Log(host)


def _json(value: Any) -> Optional[Json]:
    return None if value is None else Json.of(value)


def _pairs(query: Query) -> List[Tuple[str, str]]:
    pairs = query.items() if isinstance(query, Mapping) else query
    return [(name, value) for name, value in pairs]
