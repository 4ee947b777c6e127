"""The article itself, where it is at hand: whether its passages are those that the sources list.

Its text is only compared, never kept. A passage is a sentence, or a row of a table.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import msgspec

from advisor.analysis.places import line
from advisor.analysis.report import Fault
from advisor.diagnostics import Diagnostic, KnowledgeError, Location, printable
from advisor.model.knowledge import Knowledge
from advisor.source.loader import Folders


class Article(msgspec.Struct, frozen=True):
    """An article taken apart."""

    name: str
    passages: tuple[tuple[int, str], ...]  # line and text
    words: tuple[str, ...]

    def runs(self, length: int) -> frozenset[tuple[str, ...]]:
        """Return all runs of so many words."""
        return _runs(self.words, length)


def read(path: Path) -> Article:
    """Read an article. Raises KnowledgeError where that is not possible."""
    name = printable(str(path))
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise KnowledgeError([Diagnostic(Location(name), "unreadable", f"cannot be read: {reason}")]) from None
    return Article(name, tuple(_passages(text)), tuple(words(text)))


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"[a-z0-9']+", text.lower())


def faults(knowledge: Knowledge, folders: Folders, article: Article) -> list[Fault]:
    """Return passages that are not (or not so) in the article, and sentences of it that no passage lists."""
    document = folders.known["sources"]
    listed = {passage.sha256: name for name, (_, passage) in knowledge.passage.items() if passage.sha256}
    standing = {_hash(text): (number, text) for number, text in article.passages}
    found = []
    for digest, name in listed.items():
        if digest not in standing:
            message = f"passage {name!r} is not in {article.name} as it was"
            found.append(Fault("passage-changed", message, document.name, line(document, name)))
    for digest, (number, text) in standing.items():
        if digest not in listed:
            message = f"no passage lists what begins {' '.join(text.split()[:4])!r}"
            found.append(Fault("passage-unlisted", message, article.name, number))
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def _passages(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for number, line_ in enumerate(map(str.strip, text.splitlines()), 1):
        if line_.startswith("|"):
            cells = [cell.strip() for cell in line_.strip("|").split("|")]
            if not all(set(cell) <= set("-: ") for cell in cells):
                found.append((number, line_))
        elif line_.endswith("."):  # anything else is a heading
            body = line_.split(": ", 1)[1] if line_.startswith("- ") and ": " in line_ else line_
            sentences = re.findall(r"[^.]+(?:\.(?!\s+[A-Z]|$)[^.]*)*\.", body)
            found += [(number, sentence.strip()) for sentence in sentences]
    heads = {number for number, row in found if row.startswith("|")}
    first = min(heads, default=0)  # the row that names the columns says nothing
    return [(number, row) for number, row in found if number != first]


@cache
def _runs(words_: tuple[str, ...], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(words_[start : start + length] for start in range(len(words_) - length + 1))
