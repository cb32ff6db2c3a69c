"""Write a flowhost action in Python: something that runs while a user resets their
password, after they have proven who they are and before a new one is set.

    from flowhost_action import Api, Event

    def on_execute(event: Event, api: Api) -> None:
        if event.connection.name == "employees":
            api.authentication.challenge_with("otp")

``on_continue(event, api)`` is the second handler, for the way back from a redirect
or a prompt. An action that asks for one of these must have it.
"""

from .api import Api, Cached
from .errors import ApiError, Failure
from .event import Event
from .factor import Factor
from .json_text import Json
from .records import (
    AkamaiBot,
    AkamaiSignals,
    AkamaiUserRisk,
    Authentication,
    AuthenticationMethod,
    Authorization,
    Client,
    Connection,
    CustomDomain,
    EnrolledFactor,
    Geoip,
    Identity,
    Organization,
    Prompt,
    Request,
    RiskAssessment,
    Stats,
    SupplementalSignals,
    Tenant,
    Transaction,
    User,
)
from .secret import Secret

__all__ = [
    "AkamaiBot",
    "AkamaiSignals",
    "AkamaiUserRisk",
    "Api",
    "ApiError",
    "Authentication",
    "AuthenticationMethod",
    "Authorization",
    "Cached",
    "Client",
    "Connection",
    "CustomDomain",
    "EnrolledFactor",
    "Event",
    "Factor",
    "Failure",
    "Geoip",
    "Identity",
    "Json",
    "Organization",
    "Prompt",
    "Request",
    "RiskAssessment",
    "Secret",
    "Stats",
    "SupplementalSignals",
    "Tenant",
    "Transaction",
    "User",
]
