"""Whether an action is made of nothing but its own folder and this kit. ``flowhost build``
keeps what it built of such an action; what stands in a folder of packages, or did not
stand there, it could not know again."""

from __future__ import annotations

import os
import sys
from typing import Any, List

_LIBRARY = os.path.dirname(os.__file__)


class Watch:
    """Notes what is looked for and found nowhere: it might be found the next time."""

    def __init__(self) -> None:
        self._missed = False
        sys.meta_path.append(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] not in sys.stdlib_module_names:
            self._missed = True

    def alone(self, folders: List[str]) -> bool:
        """Ends the watch. The folders are those that nothing else is to come from."""
        sys.meta_path.remove(self)
        modules = list(sys.modules.items())
        return not self._missed and all(_is_of(name, module, folders) for name, module in modules)


def _is_of(name: str, module: Any, folders: List[str]) -> bool:
    if name in ("pkgutil", "importlib.metadata"):
        # They look through all folders for anything.
        return False
    file = getattr(module, "__file__", None)
    if file is None:
        # One without a file but with a path is spread over folders, perhaps.
        return not hasattr(module, "__path__") or name.partition(".")[0] in sys.stdlib_module_names
    places = (*folders, _LIBRARY, "/python", "/world", "/bundled")
    return any(file.startswith(place + "/") for place in places)
