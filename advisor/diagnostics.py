"""What went wrong, in plain words and with a place: the errors of the whole package.

Every module reports through these and nothing else, so that a terminal, a page, JSON and SARIF can all show a problem
without reading its words. This module knows nothing of findings, rules or files beyond their names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import msgspec

MOST_SHOWN: Final = 200  # problems of one report; nobody reads more, and a broken export has one on every line

Severity: TypeAlias = Literal["error", "warning"]


class Location(msgspec.Struct, frozen=True, order=True):
    """Where something stands: a file as the person named it, and a line from 1. Line 0 is the file as a whole.

    Without a file (data from a program, say) it is empty and false.
    """

    file: str = ""
    line: int = 0

    def __bool__(self) -> bool:
        return bool(self.file)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Diagnostic(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong."""

    location: Location
    code: str  # what kind of problem it is, for programs; never to be told from the message
    message: str  # one plain sentence
    severity: Severity = "error"
    path: str = ""  # the field it is about, such as `findings.age`, where the data has fields

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class AdvisorError(Exception):
    """The advisor cannot go on, for reasons a person can read. Everything this package raises is one.

    `diagnostics` holds the reasons, each once, sorted by place. The subclasses tell whose fault it is.
    """

    code = "unusable"  # of a reason given as a plain sentence

    def __init__(self, reasons: Iterable[Diagnostic] | str) -> None:
        """Take diagnostics, or one sentence that needs no place."""
        if isinstance(reasons, str):
            reasons = [Diagnostic(Location(), self.code, reasons)]
        self.diagnostics = tuple(sorted(set(reasons)))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        lines = [str(diagnostic) for diagnostic in self.diagnostics[:MOST_SHOWN]]
        if len(self.diagnostics) > MOST_SHOWN:
            lines.append(f"... and {len(self.diagnostics) - MOST_SHOWN} more problems")
        return "\n".join(lines)


class KnowledgeError(AdvisorError):
    """Knowledge or rules cannot be used."""


class AnswersError(AdvisorError):
    """What was reported cannot be used: a symptom file, a batch of them, or answers given as data."""


class OutputError(AdvisorError):
    """A result cannot be written where it should go."""

    code = "unwritable"


class EngineError(AdvisorError):
    """The rule engine could not be loaded, or did not carry a case through to the end."""

    code = "engine"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` with up to three known names close to `name`, or an empty string."""
    return _nearest(name[:80].lower().replace(" ", "_").replace("-", "_"), tuple(known))


@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""


def shown(value: object) -> str:
    """Return a value as it can stand in a message: quoted, escaped, and cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes out no number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"


def is_control(character: str) -> bool:
    """Tell whether a character steers a terminal or is half of one: never part of a text."""
    return unicodedata.category(character) in ("Cc", "Cs")


def printable(name: str) -> str:
    """Return the name of a file so that it can be printed: whatever would steer a terminal is escaped."""
    return "".join(ascii(character)[1:-1] if is_control(character) else character for character in name)
