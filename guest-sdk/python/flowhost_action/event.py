"""The event: who wants to set a new password, from where, and what is known."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Dict, List, Optional

from .json_text import Json
from .records import (
    Authentication,
    Authorization,
    Client,
    Connection,
    CustomDomain,
    EnrolledFactor,
    Identity,
    Organization,
    Prompt,
    Request,
    Stats,
    Tenant,
    Transaction,
    User,
)

if TYPE_CHECKING:
    from .host import Host


class Event:
    """A run's event. A group is fetched when it is read first, so that an action pays
    only for what it reads."""

    def __init__(self, host: "Host") -> None:
        self._host = host

    @cached_property
    def authentication(self) -> Authentication:
        """How the user has proven who they are so far."""
        return self._host.get_authentication()

    @cached_property
    def authorization(self) -> Authorization:
        """What the user may do."""
        return self._host.get_authorization()

    @cached_property
    def client(self) -> Client:
        """The application the reset was started from."""
        return self._host.get_client()

    @cached_property
    def connection(self) -> Connection:
        """The database the user is stored in."""
        return self._host.get_connection()

    @cached_property
    def custom_domain(self) -> Optional[CustomDomain]:
        """The custom domain in use."""
        return self._host.get_custom_domain()

    @cached_property
    def organization(self) -> Optional[Organization]:
        """The organization."""
        return self._host.get_organization()

    @cached_property
    def prompt(self) -> Optional[Prompt]:
        """The prompt that was answered; only after a prompt."""
        return self._host.get_prompt()

    @cached_property
    def request(self) -> Request:
        """The request that started the flow, or the one the user came back with."""
        return self._host.get_request()

    @cached_property
    def stats(self) -> Stats:
        """Counts."""
        return self._host.get_stats()

    @cached_property
    def tenant(self) -> Tenant:
        """The tenant."""
        return self._host.get_tenant()

    @cached_property
    def transaction(self) -> Transaction:
        """The transaction the flow belongs to."""
        return self._host.get_transaction()

    @cached_property
    def user(self) -> User:
        """The user, without what has a place of its own here."""
        return self._host.get_user()

    @cached_property
    def identities(self) -> List[Identity]:
        """The user's identities."""
        return self._host.get_identities()

    @cached_property
    def enrolled_factors(self) -> Optional[List[EnrolledFactor]]:
        """An empty list: the user has none. None: they could not be fetched."""
        return self._host.get_enrolled_factors()

    @cached_property
    def app_metadata(self) -> Json:
        """The user's ``app_metadata``, a JSON object."""
        return Json(self._host.get_app_metadata())

    @cached_property
    def user_metadata(self) -> Json:
        """The user's ``user_metadata``, a JSON object."""
        return Json(self._host.get_user_metadata())

    @cached_property
    def configuration(self) -> Json:
        """The action's configuration, a JSON object; ``{}`` when there is none."""
        return Json(self._host.get_configuration())

    @cached_property
    def secrets(self) -> Dict[str, str]:
        """The action's secrets. Prefer naming one to the token functions of
        ``api.redirect`` over reading it here."""
        return dict(self._host.get_secrets())

    def secret(self, name: str) -> Optional[str]:
        """One of the secrets."""
        return self._host.get_secret(name)

    @cached_property
    def json(self) -> Json:
        """The whole event as it came in, unknown keys included."""
        return Json(self._host.get_json())

    def json_at(self, pointer: str) -> Optional[Json]:
        """One place in the event, by JSON Pointer (RFC 6901):
        ``/user/app_metadata/plan``. None when nothing is there."""
        text = self._host.get_json_at(pointer)
        return None if text is None else Json(text)

    def text_at(self, pointer: str) -> Optional[str]:
        """The same for a place that holds a string: its value."""
        return self._host.get_text_at(pointer)
