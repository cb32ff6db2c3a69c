"""Why a call was refused, and why a handler gave up."""

from __future__ import annotations

import traceback
from typing import Optional


class ApiError(Exception):
    """A call that was refused. Nothing was recorded.

    ``code`` is stable and fit for comparing, such as ``MaxSideEffectsExceeded``;
    ``message`` is for the action's author.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Failure(Exception):
    """An error of the author's own, by a name that operators can sort by::

        raise Failure("MissingEmail", "the user has no email address")

    Any other exception will do too; its class is then the name.
    """

    def __init__(self, name: str, message: str, stack: Optional[str] = None) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.stack = stack


def failure_of(error: BaseException) -> Failure:
    """What the flow fails with when a handler raised ``error``."""
    if isinstance(error, Failure):
        return Failure(error.name, error.message, error.stack or stack_of(error))
    if isinstance(error, ApiError):
        return Failure(error.code, error.message, stack_of(error))
    return Failure(type(error).__name__, str(error), stack_of(error))


def stack_of(error: BaseException) -> str:
    """Where it was raised, the innermost call first, without the kit's own."""
    lines = []
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "/flowhost_action/" not in frame.filename:
            lines.append(f"    at {frame.name} ({_place(frame.filename)}:{frame.lineno})")
    return "\n".join(lines)


def _place(filename: str) -> str:
    """In a component the folders of the build are ``/0``, ``/1`` and so on."""
    first, _, rest = filename.lstrip("/").partition("/")
    return rest if filename.startswith("/") and first.isdigit() and rest else filename
