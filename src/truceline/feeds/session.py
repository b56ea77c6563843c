"""One watch of one source: what the feed gives is decoded, recorded and watched, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from truceline.feeds.health import Health
from truceline.feeds.sources import Chunk, Feed
from truceline.formats.live import DecodedBatch, LiveDecoder
from truceline.model.alert import Alert
from truceline.model.finding import CheckResult
from truceline.rules.live import Watch
from truceline.timebase import US_PER_S, Clock
from truceline.units import MicrosUTC, Seconds

# How often a live source that gives nothing is looked at, and how often what is known of its movers.
STEP_S = 0.25
IDENTIFY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step brought: changes of alerts, and how the feed is."""

    now_us: MicrosUTC
    alerts: tuple[Alert, ...]
    health: Health


class Session:
    """Runs one feed through one decoder into one watch.

    Parameters
    ----------
    feed : Feed
    decoder : LiveDecoder
    watch : Watch
    clock : Clock
        That of the feed.
    record : binary file, optional
        Gets every byte as it came.
    silent_after_s : float, optional
        End where nothing came for so long.
    """

    def __init__(
        self,
        feed: Feed,
        decoder: LiveDecoder,
        watch: Watch,
        *,
        clock: Clock,
        record: BinaryIO | None = None,
        silent_after_s: Seconds | None = None,
    ) -> None:
        self.feed, self.decoder, self.watch = feed, decoder, watch
        self._clock, self._record = clock, record
        self._silent_after_s = silent_after_s
        self._sha256 = hashlib.sha256()
        self._ticked_us = self._identified_us = clock.now_us()

    def steps(self) -> Iterator[Step]:
        """Step by step until the feed ends or falls silent for too long."""
        while not self.feed.ended:
            chunk = self.feed.take(STEP_S)
            if chunk is not None:
                self._take(chunk)
            now_us = self._clock.now_us()
            self._look_at_the_clock(now_us)
            yield Step(now_us=now_us, alerts=self.watch.alerts(), health=self.feed.meter.health)
            if self._silent_after_s is not None and self._silent(now_us):
                return

    def close(self) -> CheckResult:
        """End it: the findings of all that came. The alerts that closed last are asked of the watch."""
        self.feed.close()
        self._watch_batch(self.decoder.finish(self._clock.now_us()), self._clock.now_us())
        for index in range(len(self.watch.movers)):
            self.watch.identify(index, self.decoder.mover(index))
        self.watch.source = replace(self.watch.source, sha256=self._sha256.hexdigest())
        return self.watch.close()

    def _take(self, chunk: Chunk) -> None:
        if self._record is not None:
            self._record.write(chunk.data)
            self._record.flush()
        self._sha256.update(chunk.data)
        batch = self.decoder.feed(chunk.data, chunk.received_us, whole=chunk.whole)
        self._watch_batch(batch, chunk.received_us)

    def _watch_batch(self, batch: DecodedBatch, received_us: MicrosUTC) -> None:
        bad_count = sum(not item.kept for item in batch.dropped)
        if not len(batch):
            if batch.read_count:
                self.feed.meter.decoded(batch.read_count, bad_count, None)
            return
        for index in range(len(self.watch.movers), len(self.decoder.mover_ids)):
            self.watch.identify(index, self.decoder.mover(index))
        # A file that is only read says nothing about when its fixes were received.
        self.watch.add(batch, received_us=received_us if self.feed.live else None)
        lag_s = (received_us - int(batch.t_us.max())) / US_PER_S if self.feed.live else None
        self.feed.meter.decoded(batch.read_count, bad_count, lag_s)

    def _look_at_the_clock(self, now_us: MicrosUTC) -> None:
        if not self.feed.live:
            return
        if now_us - self._ticked_us >= STEP_S * US_PER_S:
            self._ticked_us = now_us
            self.watch.tick(now_us)
        if now_us - self._identified_us >= IDENTIFY_EVERY_S * US_PER_S:
            self._identified_us = now_us
            for index in range(len(self.watch.movers)):
                self.watch.identify(index, self.decoder.mover(index))

    def _silent(self, now_us: MicrosUTC) -> bool:
        assert self._silent_after_s is not None
        return self.feed.meter.health.silent_s(now_us) >= self._silent_after_s
