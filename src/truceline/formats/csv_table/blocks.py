"""Blocks of CSV lines, from a feed or a large file, by columns where they are plain and by rows where not."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from truceline.formats.csv_table.columns import CAREFUL_LINES_COUNT, ArrowParser, PlainBlock
from truceline.formats.csv_table.reader import RowReader
from truceline.formats.framing import MAX_FRAME_BYTES
from truceline.model.identity import Mover
from truceline.units import MicrosUTC

LINE_FEED = 10


class BlockReader:
    """Reads whole lines, many at a time, under a header that is known."""

    def __init__(self, rows: RowReader, header: tuple[str, ...], *, encoding: str | None = None) -> None:
        self.rows, self.header = rows, header
        self.encoding = encoding or "utf-8"
        plain = ArrowParser.serves(rows.mapping, encoding=encoding)
        self._parser = ArrowParser(rows.mapping, header, zone=rows.options.zone) if plain else None
        self._numbers: dict[tuple[str, ...], int] = {}  # from the text cells of a row to its mover's number

    def read(self, data: bytes, line: int) -> int:
        """Read ``data``, whole lines of which the first is ``line``; gives the number of lines."""
        earlier = self.rows.log.take()
        lines_count = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == LINE_FEED))
        self._read(data, line, lines_count)
        fixes = self.rows.log.take()
        if len(earlier):
            self.rows.log.add_block(earlier)
        # Odd rows come after the plain ones of their block; here all stand in the order of their lines again.
        if np.any(np.diff(fixes.line) < 0):
            fixes = fixes.rows(np.argsort(fixes.line, kind="stable"))
        self.rows.log.add_block(fixes)
        return lines_count

    def _read(self, data: bytes, line: int, lines_count: int) -> None:
        lone_returns = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
        if self._parser is None or lone_returns or lines_count <= CAREFUL_LINES_COUNT // 2:
            self._lines(data, line)
            return
        block = self._parser.parse(data, lines_count)
        if block is not None:
            self._plain(block, data, line)
        elif lines_count <= CAREFUL_LINES_COUNT:
            self._lines(data, line)
        else:
            middle = data.index(b"\n", len(data) // 2) + 1
            if middle == len(data):
                middle = data.rindex(b"\n", 0, len(data) // 2) + 1
            head = data[:middle]
            head_count = head.count(b"\n")
            self._read(head, line, head_count)
            self._read(data[middle:], line + head_count, lines_count - head_count)

    def _lines(self, data: bytes, line: int) -> None:
        for at, text in enumerate(data.split(b"\n")[:-1], line):
            self._line(text, at)

    def _line(self, data: bytes, line: int) -> None:
        """One line by the careful reader; what is no row at all is named here."""
        log = self.rows.log
        if len(data) > MAX_FRAME_BYTES:
            log.read_count += 1
            log.drop("too-long", line, f"more than {MAX_FRAME_BYTES:,} bytes with no end")
            return
        try:
            text = data.decode(self.encoding).rstrip("\r")
            if not text.strip():
                return
            cells = next(csv.reader([text], delimiter=self.rows.mapping.delimiter, strict=True))
        except (UnicodeDecodeError, csv.Error, StopIteration) as error:
            log.read_count += 1
            log.drop("bad-row", line, f"{data[:80]!r} ({error})")
            return
        if tuple(cell.strip() for cell in cells) == self.header or not any(cell.strip() for cell in cells):
            return
        self.rows.cells(line, self.header, cells)

    def _plain(self, block: PlainBlock, data: bytes, line: int) -> None:
        """Take the plain rows as columns; see to the odd ones and to who the movers are in order of lines."""
        assert self._parser is not None
        rows, log = self.rows, self.rows.log
        mover_column = str(rows.mapping.mover.column)
        codes, words = block.codes[mover_column], block.words[mover_column]
        plain = np.flatnonzero(~block.odd)
        numbers = np.array([self._numbers.get((word,), -1) for word in words], dtype=np.int32)
        if len(block.codes) == 1 and len(plain) == len(codes) and numbers.min(initial=0) >= 0:
            log.read_count += len(plain)
            log.add_block(self._parser.fixes(block, plain, numbers[codes], line))
            return
        numbers[:] = -1
        texts = data.split(b"\n") if len(plain) < len(codes) else []
        for row, odd in sorted(self._events(block, codes)):
            if odd:
                self._line(texts[row], line + row)
                continue
            cells = tuple(
                words[codes[row]]
                for words, codes in zip(block.words.values(), block.codes.values(), strict=True)
            )
            number = self._numbers.get(cells)
            numbers[codes[row]] = self._number(cells, line + row) if number is None else number
        log.read_count += len(plain)
        nameless = numbers[codes[plain]] < 0
        if np.any(nameless):
            for row in plain[nameless]:
                log.drop("no-mover", line + int(row), "the mover's cell is blank")
            plain = plain[~nameless]
        log.add_block(self._parser.fixes(block, plain, numbers[codes], line))

    def _number(self, cells: tuple[str, ...], line: int) -> int:
        """The number of the mover whose texts stand on ``line``, -1 where it has no id."""
        assert self._parser is not None
        row = dict(zip(self._parser.text_columns, cells, strict=True))
        id = self.rows.mover_id(row, line)
        if not id:
            return -1
        self.rows.know(id, row, line)
        self._numbers[cells] = self.rows.log.index_of(id)
        return self._numbers[cells]

    @staticmethod
    def _events(block: PlainBlock, codes: NDArray[np.int32]) -> Iterator[tuple[int, bool]]:
        """The rows that are looked at one by one: odd ones, a mover's first, and where its texts first differ."""
        odd = np.flatnonzero(block.odd)
        plain = np.flatnonzero(~block.odd)
        yield from ((int(row), True) for row in odd)
        first = np.full(int(codes.max(initial=-1)) + 1, -1)
        first[codes[plain][::-1]] = plain[::-1]
        yield from ((int(row), False) for row in first[first >= 0])
        others = [column for column in block.codes.values() if column is not codes]
        if others and len(plain):
            differs = np.any([column[plain] != column[first[codes[plain]]] for column in others], axis=0)
            again = np.full(len(first), -1)
            rows = plain[differs]
            again[codes[rows][::-1]] = rows[::-1]
            yield from ((int(row), False) for row in again[again >= 0])


class TableFeed:
    """CSV lines as they arrive. The first line is the header, unless ``header`` names the columns."""

    def __init__(self, rows: RowReader, *, header: tuple[str, ...] | None) -> None:
        self.rows, self.log, self.options = rows, rows.log, rows.options
        self._encoding = rows.mapping.encoding
        self._pieces: list[bytes] = []
        self._held_count = 0
        self._line = 1
        self._blocks: BlockReader | None = None
        if header is not None:
            self._blocks = BlockReader(rows, header, encoding=self._encoding)

    def mover(self, key: str) -> Mover:
        """What is known by now of one mover."""
        return self.rows.movers[key]

    def push(self, data: bytes, received_us: MicrosUTC | None, *, whole: bool = False) -> None:
        """Read the lines that ``data`` completes; a row carries its own time, so that of reception is not used."""
        self._push(data)
        if whole:
            self._last_line()

    def end(self, received_us: MicrosUTC | None) -> None:
        """Read the last line, where it has no ending."""
        self._last_line()

    def _last_line(self) -> None:
        if self._held_count:
            self._push(b"\n")

    def _push(self, data: bytes) -> None:
        end = data.rfind(b"\n") + 1
        if end:
            whole = b"".join([*self._pieces, data[:end]]) if self._pieces else data[:end]
            too_long = self._held_count > MAX_FRAME_BYTES
            self._pieces, self._held_count = [], 0
            if too_long:
                self._give_up()
                whole = whole[whole.index(b"\n") + 1 :]
            self._block(whole)
        self._held_count += len(data) - end
        if self._held_count > MAX_FRAME_BYTES:
            self._pieces = []
        elif end < len(data):
            self._pieces.append(data[end:])

    def _give_up(self) -> None:
        self.rows.log.read_count += 1
        self.rows.log.drop("too-long", self._line, f"more than {MAX_FRAME_BYTES:,} bytes with no end")
        self._line += 1

    def _block(self, data: bytes) -> None:
        while self._blocks is None and data:
            first, _, data = data.partition(b"\n")
            self._open(first.decode(self._encoding or "utf-8", errors="replace"))
            if self._blocks is None and first.strip():
                self.rows.log.read_count += 1
                names = ", ".join(self.rows.mapping.columns())
                self.rows.log.drop("no-header", self._line, f"{first[:80]!r}: no header row with {names}")
            self._line += 1
        if data and self._blocks is not None:
            self._line += self._blocks.read(data, self._line)

    def _open(self, header: str) -> None:
        try:
            cells = next(
                csv.reader([header.lstrip("\ufeff").rstrip("\r\n")], delimiter=self.rows.mapping.delimiter)
            )
        except (csv.Error, StopIteration):
            return
        names = tuple(cell.strip() for cell in cells)
        if len(set(names)) == len(names) and set(self.rows.mapping.columns()) <= set(names):
            self._blocks = BlockReader(self.rows, names, encoding=self._encoding)
