"""JSON as the contract carries it: text."""

from __future__ import annotations

import json
from typing import Any


class Json(str):
    """JSON text (RFC 8259), as it came in: key order and the spelling of numbers kept."""

    __slots__ = ()

    def parse(self) -> Any:
        """What it means: a dict, a list, a str, a number, a bool or None."""
        return json.loads(self)

    @classmethod
    def of(cls, value: Any) -> "Json":
        """The text for a value; a :class:`Json` is taken as it is."""
        if isinstance(value, cls):
            return value
        return cls(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
