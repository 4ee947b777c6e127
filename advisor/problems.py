"""What went wrong, in plain words and with a place: the errors of the whole package.

Every module reports through these and nothing else, so that the command line has one way to show a problem. This
module knows nothing of findings, rules or files beyond their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec


class Problem(msgspec.Struct, frozen=True, order=True):
    """One fault at one place. `line` counts from 1; 0 means the file as a whole (or no file at all)."""

    file: str
    line: int
    message: str

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
        super().__init__("\n".join(map(str, self.problems)))


class EngineError(AdvisorError):
    """The rule engine could not be loaded, or did not carry a case through to the end."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` with up to three known names close to `name`, or an empty string."""
    close = get_close_matches(name.lower().replace(" ", "_").replace("-", "_"), list(known), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(c) for c in close)}?)" if close else ""
