"""The wrappers every sentence goes through, so that a message catalogue can be put behind them.

English is the language of the source. A catalogue is ``locale/<language>/LC_MESSAGES/truceline.mo``;
where there is none the English stands. Tables of sentences are marked with :func:`N_` and looked up with
:func:`_` at the moment of use.
"""

from __future__ import annotations

import gettext
from pathlib import Path

_CATALOGUE = gettext.translation(
    "truceline", localedir=Path(__file__).parent / "locale", languages=["en"], fallback=True
)


def _(text: str) -> str:
    """``text`` in the reader's language."""
    return _CATALOGUE.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a counted noun or sentence that fits ``count``.

    Examples
    --------
    >>> ngettext("{n} visit", "{n} visits", 2).format(n=2)
    '2 visits'
    """
    return _CATALOGUE.ngettext(one, many, count)


def N_(text: str) -> str:
    """Marks ``text`` for translation and gives it back as it is."""
    return text
