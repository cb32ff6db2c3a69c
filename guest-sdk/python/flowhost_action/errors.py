"""Why a call was refused, and why a handler gave up."""

from __future__ import annotations

import traceback
from collections import deque
from typing import Optional

# How many calls a stack shows.
_MOST_CALLS = 30


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
    # Only what is left of a recursion without end.
    innermost = deque(traceback.walk_tb(error.__traceback__), maxlen=_MOST_CALLS)
    lines = []
    for frame, line in reversed(innermost):
        code = frame.f_code
        if "/flowhost_action/" not in code.co_filename:
            lines.append(f"    at {code.co_name} ({_place(code.co_filename)}:{line})")
    return "\n".join(lines)


def _place(filename: str) -> str:
    """In a component the folders of the build are ``/0``, ``/1`` and so on."""
    first, _, rest = filename.lstrip("/").partition("/")
    return rest if filename.startswith("/") and first.isdigit() and rest else filename
