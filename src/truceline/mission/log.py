"""The mission's ledger as the mission uses it: record things in the author's name, read them back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from truceline.errors import LedgerError, UsageError
from truceline.ledger.entry import commit
from truceline.mission.keys import MissionKeys
from truceline.mission.records import Record
from truceline.store.store import Store
from truceline.timebase import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A record read back, held against its entry. ``content`` None where it is withheld."""

    index: int
    commitment: bytes
    content: Record | None


class Log:
    """Records in, records out. Without keys nothing goes in."""

    def __init__(self, store: Store, *, keys: MissionKeys | None, author: str, clock: Clock) -> None:
        self.store = store
        self._keys = keys
        self._author = author
        self._clock = clock

    @property
    def read_only(self) -> bool:
        """Whether the secret keys are not here."""
        return self._keys is None

    def need_keys(self) -> MissionKeys:
        """The keys; UsageError (code ``read-only``) where they are not here."""
        if self._keys is None:
            raise UsageError(
                "this mission is read-only: its keys are not here",
                hint="do this where the mission's own folder is",
                code="read-only",
            )
        return self._keys

    def now_us(self) -> int:
        """The present instant, microseconds UTC."""
        return self._clock.now_us()

    def record(self, items: Iterable[tuple[str, Record]], *, once: bool = False) -> tuple[int, ...]:
        """Append (kind, content) pairs, all or none, at one instant; the indices they got.

        With ``once``, what is already recorded as that kind is left out.
        """
        key, now_us = self.need_keys().mission_key, self.now_us()
        additions = [
            commit(kind, content, time_us=now_us, author=self._author, mission_key=key)
            for kind, content in items
        ]
        return self.store.append(additions, once=once)

    def known(self, kind: str) -> Iterator[Known]:
        """Every record of a kind in the order of the ledger.

        Raises
        ------
        LedgerError
            Code ``record`` where one is not what its entry commits to.
        """
        for item in self.store.recorded(kind):
            content = None if item.record is None else json.loads(item.record)
            yield Known(index=item.index, commitment=item.entry.commitment, content=content)

    def contents(self, kind: str) -> tuple[list[Record], list[int]]:
        """The records of a kind that are here, and the indices of those that are withheld."""
        held: list[Record] = []
        withheld: list[int] = []
        for item in self.known(kind):
            if item.content is None:
                withheld.append(item.index)
            else:
                held.append(item.content)
        return held, withheld

    def begun(self) -> tuple[int, Record] | None:
        """Index and record of the note the mission began with; None where it is withheld."""
        first = next(self.known("note"), None)
        return None if first is None or first.content is None else (first.index, first.content)

    def agreed(self) -> tuple[int, bytes, Record]:
        """Index, commitment and record of the agreement in force.

        Raises
        ------
        LedgerError
            Code ``withheld`` where the record is not here.
        """
        newest = next(reversed(list(self.known("agreement"))), None)
        if newest is None or newest.content is None:
            raise LedgerError(
                "the record of the agreement is not here",
                hint="ask for it where the mission is",
                code="withheld",
            )
        return newest.index, newest.commitment, newest.content
