"""The key of a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Secret:
    """Made with :meth:`named` or :meth:`value`. Its value is not in its ``repr``."""

    name: Optional[str] = None
    text: Optional[str] = field(default=None, repr=False)

    @classmethod
    def named(cls, name: str) -> "Secret":
        """The action's secret called ``name``. The action never sees its value."""
        return cls(name=name)

    @classmethod
    def value(cls, text: str) -> "Secret":
        """Any text."""
        return cls(text=text)

    @classmethod
    def of(cls, secret: "Secret | str") -> "Secret":
        """A ``str`` is a name."""
        return cls.named(secret) if isinstance(secret, str) else secret
