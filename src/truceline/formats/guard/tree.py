"""JSON and XML: trees, walked within limits, with nothing executed, fetched or expanded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from xml.parsers import expat

from truceline.errors import FormatError
from truceline.formats.guard.source import Source, decode_text

MAX_XML_DEPTH_COUNT = 64
MAX_XML_TEXT_COUNT = 1024 * 1024


def load_json(source: Source) -> Any:
    """The bytes as JSON. ``NaN`` and ``Infinity``, which are not JSON, become numbers for the reader to drop.

    Raises
    ------
    FormatError
        Code ``json``: not JSON, a key given twice, nesting or a number beyond what can be read.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise FormatError(
                f"the key {twice!r} is given twice in one object", where=source.where(), code="json"
            )
        return made

    text = decode_text(source)
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=float)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"not JSON: {error.msg}", where=source.where(error.lineno, error.colno), code="json"
        ) from None
    except RecursionError:
        raise FormatError("JSON nested too deeply to read", where=source.where(), code="json") from None
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", where=source.where(), code="json") from None


class XmlWatcher(Protocol):
    """Told of each element as it opens and closes; ``text`` is what stood directly inside it."""

    def opened(self, namespace: str, name: str, attributes: Mapping[str, str], line: int) -> None:
        """An element opens at ``line``."""

    def closed(self, namespace: str, name: str, text: str, line: int) -> None:
        """An element closes at ``line``."""


def walk_xml(source: Source, watcher: XmlWatcher) -> None:
    """Walk an XML file from top to bottom, refusing what XML can do besides hold data.

    Raises
    ------
    FormatError
        Code ``doctype`` (a DOCTYPE, and with it every entity), ``too-deep`` (nesting above 64), ``too-large``
        (over 1 Mi characters in one element) or ``xml`` (not well formed), with line and column.
    """
    walk = _XmlWalk(source, watcher)
    try:
        walk.parser.Parse(source.data, True)
    except expat.ExpatError as error:
        raise FormatError(
            f"not well-formed XML: {expat.ErrorString(error.code)}",
            where=source.where(error.lineno, error.offset + 1),
            hint="the file may be cut off; fetch it again from the device",
            code="xml",
        ) from None
    except LookupError as error:
        raise FormatError(f"not readable XML: {error}", where=source.where(1), code="xml") from None


class _XmlWalk:
    """An expat parser that tells a watcher what it meets, within the limits."""

    def __init__(self, source: Source, watcher: XmlWatcher) -> None:
        self.source, self.watcher = source, watcher
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._opened
        self.parser.EndElementHandler = self._closed
        self.parser.CharacterDataHandler = self._text
        self._texts: list[list[str]] = []
        self._sizes: list[int] = []

    def _refusal(self, code: str, message: str, hint: str) -> FormatError:
        at = self.source.where(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        return FormatError(message, where=at, hint=hint, code=code)

    def _doctype(self, *_: object) -> None:
        raise self._refusal("doctype", "the file has a DOCTYPE", "remove it: a file of records needs none")

    def _opened(self, full: str, attributes: dict[str, str]) -> None:
        self._texts.append([])
        self._sizes.append(0)
        if len(self._texts) > MAX_XML_DEPTH_COUNT:
            message = f"elements nested deeper than {MAX_XML_DEPTH_COUNT}"
            raise self._refusal("too-deep", message, "this is not a file of records")
        namespace, _, name = full.rpartition(" ")
        self.watcher.opened(namespace, name, attributes, self.parser.CurrentLineNumber)

    def _closed(self, full: str) -> None:
        self._sizes.pop()
        text = "".join(self._texts.pop()).strip()
        namespace, _, name = full.rpartition(" ")
        self.watcher.closed(namespace, name, text, self.parser.CurrentLineNumber)

    def _text(self, piece: str) -> None:
        self._texts[-1].append(piece)
        self._sizes[-1] += len(piece)
        if self._sizes[-1] > MAX_XML_TEXT_COUNT:
            message = "one element holds more text than can be a record"
            raise self._refusal("too-large", message, "look at this line")
