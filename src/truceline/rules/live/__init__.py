"""Watching: fixes as they arrive, alerts as they happen, and at the end the findings of the whole record."""

from truceline.rules.live.holding import MemoryShelf, Shelf
from truceline.rules.live.watch import FixBatch, Watch

__all__ = ["FixBatch", "MemoryShelf", "Shelf", "Watch"]
