"""What is made once a process and kept as long as the version of what it was made from is the same."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """One value for each key. `version` is read anew each time from where it lies, so that nothing kept is ever out of date."""

    def __init__(self) -> None:
        self._values: dict[int, tuple[str, Value]] = {}

    def get(self, key: int, version: str, make: Callable[[], Value]) -> Value:
        kept = self._values.get(key)
        if kept is None or kept[0] != version:
            kept = self._values[key] = (version, make())
        return kept[1]
