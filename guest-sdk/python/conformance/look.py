"""The event as messages: one for each field, in the order of the contract."""

import dataclasses

from flowhost_action import Json

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPES |= {chr(c): f"\\u{c:04x}" for c in range(0x20) if chr(c) not in _ESCAPES}
_ESCAPES = str.maketrans(_ESCAPES)


def quoted(text):
    """A string in double quotes, with the escapes of JSON."""
    return f'"{text.translate(_ESCAPES)}"'


def text(text):
    return "none" if text is None else quoted(text)


def group(event, name):
    """The messages of one group."""
    return lines(f"event.{name}", getattr(event, name.replace("-", "_")))


def lines(path, value):
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from lines(f"{path}.{field.name.replace('_', '-')}", getattr(value, field.name))
    elif isinstance(value, (list, dict)) and not value:
        yield f"{path} = []"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from lines(f"{path}[{index}]", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}[{quoted(key)}] = {quoted(item)}"
    else:
        yield f"{path} = {plain(value)}"


def plain(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value if isinstance(value, Json) else quoted(value)
