"""What went wrong, in plain words and with a place: the errors of the whole package.

Every module reports through these and nothing else, so that the command line has one way to show a problem. This
module knows nothing of findings, rules or files beyond their names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

import msgspec

MOST_SHOWN: Final = 200  # problems of one report; nobody reads more, and a broken export has one on every line


class Problem(msgspec.Struct, frozen=True, order=True):
    """One fault at one place. `line` counts from 1; 0 means the file as a whole (or no file at all)."""

    file: str
    line: int
    message: str
    code: str = ""  # of what kind it is, for tools

    def __str__(self) -> str:
        if not self.file:
            return self.message
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class AdvisorError(Exception):
    """The advisor cannot go on, for a reason a person can read. Base of everything this package raises."""


class DocumentError(AdvisorError):
    """One or more documents (symptom files, knowledge, rules) cannot be used; `problems` says why, all at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"... and {len(self.problems) - MOST_SHOWN} more problems")
        super().__init__("\n".join(lines))


class EngineError(AdvisorError):
    """The rule engine could not be loaded, or did not carry a case through to the end."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` with up to three known names close to `name`, or an empty string."""
    return _nearest(name[:80].lower().replace(" ", "_").replace("-", "_"), tuple(known))


@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""


def shown(value: object) -> str:
    """Return a value as it can stand in a message: quoted, escaped, and cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"


def is_control(character: str) -> bool:
    """Tell whether a character steers a terminal or is half of one: never part of a text."""
    return unicodedata.category(character) in ("Cc", "Cs")


def printable(name: str) -> str:
    """Return the name of a file so that it can be printed: whatever would steer a terminal is escaped."""
    return "".join(ascii(character)[1:-1] if is_control(character) else character for character in name)
