"""Groups: things called one, two at a time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Groups(Generic[Thing]):
    """Each thing is a group of its own until it is joined; a group is known by one of its things."""

    def __init__(self) -> None:
        self._above: dict[Thing, Thing] = {}

    def of(self, thing: Thing) -> Thing:
        """The thing that stands for the group of this one."""
        self._above.setdefault(thing, thing)
        while self._above[thing] != thing:
            self._above[thing] = self._above[self._above[thing]]
            thing = self._above[thing]
        return thing

    def join(self, thing: Thing, other: Thing) -> None:
        """Make one group of both; what stands for the group of `thing` stands for it."""
        self._above[self.of(other)] = self.of(thing)
