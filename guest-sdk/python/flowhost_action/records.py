"""The records of the event, field by field as the contract has them.

In a component an action gets the bindings' own objects, which have these fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional

from .json_text import Json


@dataclass
class AuthenticationMethod:
    """One proof of who the user is."""

    #: ``email``, ``phone_number``, ``pwd``, ``federated``, ``passkey``, ``sms``,
    #: ``mock``, ``mfa``, or a URL for a custom method.
    name: str
    #: When it was completed, ISO 8601.
    timestamp: str
    #: The factor of an ``mfa`` method, such as ``otp``.
    type: Optional[str]


@dataclass
class AkamaiBot:
    """Results of Akamai Bot Manager."""

    type: Optional[str]
    action: Optional[str]
    bot_category: List[str]
    bot_score: Optional[float]
    bot_score_response_segment: Optional[str]
    botnet_id: Optional[str]


@dataclass
class AkamaiUserRisk:
    """Results of Akamai Account Protector."""

    action: Optional[str]
    email_domain: Optional[str]
    ouid: Optional[str]
    requestid: Optional[str]
    username: Optional[str]
    uuid: Optional[str]
    allow: Optional[float]
    score: Optional[float]
    status: Optional[float]
    general: Optional[Json]
    risk: Optional[Json]
    trust: Optional[Json]


@dataclass
class AkamaiSignals:
    """Signals of Akamai."""

    akamai_bot: Optional[AkamaiBot]
    akamai_user_risk: Optional[AkamaiUserRisk]


@dataclass
class SupplementalSignals:
    """Signals of others."""

    akamai: Optional[AkamaiSignals]


@dataclass
class RiskAssessment:
    """What is known about the risk."""

    supplemental: Optional[SupplementalSignals]


@dataclass
class Authentication:
    """How the user has proven who they are so far."""

    #: The methods used, oldest first.
    methods: List[AuthenticationMethod]
    risk_assessment: Optional[RiskAssessment]


@dataclass
class Authorization:
    """What the user may do."""

    roles: List[str]


@dataclass
class Client:
    """The application the reset was started from."""

    client_id: str
    name: str
    metadata: Dict[str, str]


@dataclass
class Connection:
    """The database the user is stored in."""

    id: str
    name: str
    strategy: str
    metadata: Dict[str, str]


@dataclass
class CustomDomain:
    """The custom domain in use."""

    domain: str
    domain_metadata: Dict[str, str]


@dataclass
class Organization:
    """The organization."""

    id: str
    display_name: str
    name: str
    metadata: Dict[str, str]


@dataclass
class Prompt:
    """The prompt that was answered; only after a prompt."""

    id: str
    #: What the user filled in, a JSON object.
    fields: Optional[Json]
    #: What the action passed to the prompt, a JSON object.
    vars: Optional[Json]


@dataclass
class Geoip:
    """Where the address is."""

    city_name: Optional[str]
    continent_code: Optional[str]
    country_code: Optional[str]
    country_code3: Optional[str]
    country_name: Optional[str]
    subdivision_code: Optional[str]
    subdivision_name: Optional[str]
    time_zone: Optional[str]
    latitude: Optional[float]
    longitude: Optional[float]


@dataclass
class Request:
    """In ``on_execute`` the request that started the flow, in ``on_continue`` the one
    the user came back with."""

    #: The form body, a JSON object.
    body: Json
    #: The query string, a JSON object.
    query: Json
    method: str
    ip: str
    hostname: Optional[str]
    language: Optional[str]
    user_agent: Optional[str]
    geoip: Geoip


@dataclass
class Stats:
    """Counts."""

    logins_count: float


@dataclass
class Tenant:
    """The tenant."""

    id: str


@dataclass
class Transaction:
    """The transaction the flow belongs to."""

    correlation_id: Optional[str]
    locale: str
    login_hint: Optional[str]
    state: Optional[str]
    ui_locales: List[str]
    acr_values: List[str]
    requested_scopes: List[str]
    protocol: Optional[str]
    redirect_uri: Optional[str]
    prompt: List[str]
    response_mode: Optional[str]
    response_type: List[str]
    linking_id: Optional[str]


@dataclass
class User:
    """The user, without what has a place of its own in the event."""

    user_id: str
    #: ISO 8601.
    created_at: str
    #: ISO 8601.
    updated_at: str
    email: Optional[str]
    email_verified: bool
    family_name: Optional[str]
    given_name: Optional[str]
    #: ISO 8601.
    last_password_reset: Optional[str]
    name: Optional[str]
    nickname: Optional[str]
    phone_number: Optional[str]
    phone_verified: Optional[bool]
    picture: Optional[str]
    username: Optional[str]


@dataclass
class Identity:
    """One of the user's identities."""

    connection: Optional[str]
    provider: Optional[str]
    user_id: Optional[str]
    is_social: Optional[bool]
    profile_data: Optional[Json]


@dataclass
class EnrolledFactor:
    """One of the user's enrolled factors."""

    #: ``push-notification``, ``phone``, ``email``, ``otp``, ``webauthn-roaming`` or
    #: ``webauthn-platform``.
    type: str
    options: Optional[Json]
