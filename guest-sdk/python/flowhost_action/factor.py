"""Factors to challenge the user with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Optional, Union

from .json_text import Json

PhoneMethod = Literal["sms", "voice", "both"]


@dataclass(frozen=True)
class Factor:
    """A factor. One without options may be written as its name: ``"otp"``."""

    type: str
    preferred_method: Optional[PhoneMethod] = None
    otp_fallback: Optional[bool] = None
    options: Optional[Json] = None

    @classmethod
    def otp(cls) -> "Factor":
        """A one-time password."""
        return cls("otp")

    @classmethod
    def email(cls) -> "Factor":
        """A code by email."""
        return cls("email")

    @classmethod
    def webauthn_platform(cls) -> "Factor":
        """The device's own authenticator."""
        return cls("webauthn-platform")

    @classmethod
    def webauthn_roaming(cls) -> "Factor":
        """A security key."""
        return cls("webauthn-roaming")

    @classmethod
    def recovery_code(cls, options: Any = None) -> "Factor":
        """A recovery code; ``options`` is a JSON object."""
        return cls("recovery-code", options=_json(options))

    @classmethod
    def phone(cls, preferred_method: Optional[PhoneMethod] = None) -> "Factor":
        """A code by SMS or voice."""
        if preferred_method not in (None, "sms", "voice", "both"):
            raise ValueError(f"preferred_method is sms, voice or both, not {preferred_method!r}")
        return cls("phone", preferred_method=preferred_method)

    @classmethod
    def push_notification(cls, otp_fallback: Optional[bool] = None) -> "Factor":
        """A push notification; perhaps a one-time password when it does not arrive."""
        return cls("push-notification", otp_fallback=otp_fallback)

    @classmethod
    def other(cls, type: str, options: Any = None) -> "Factor":
        """Any other name. Ignored, with a warning in the run's log."""
        return cls(type, options=_json(options))

    @classmethod
    def of(cls, factor: "Union[Factor, str]") -> "Factor":
        """A ``str`` is a factor of that type, without options."""
        return cls(factor) if isinstance(factor, str) else factor


def _json(options: Any) -> Optional[Json]:
    return None if options is None else Json.of(options)
