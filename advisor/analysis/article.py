"""The article itself, for those who have a copy: whether its passages are the ones that the sources list.

The text of the article is compared and never kept. A passage is a sentence or a row of a table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from advisor.analysis import positions
from advisor.diagnostics import Diagnostic, KnowledgeError, Location, printable
from advisor.model.knowledge import Knowledge
from advisor.source.loader import Folders


class Article(msgspec.Struct, frozen=True):
    """An article, split into its passages and its words."""

    name: str
    passages: tuple[tuple[int, str], ...]  # line and text
    words: tuple[str, ...]

    def runs(self, length: int) -> frozenset[tuple[str, ...]]:
        """Return every sequence of `length` words that stands in the article."""
        return _runs(self.words, length)


def read(path: Path) -> Article:
    """Read an article. Raises KnowledgeError if it cannot be read."""
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


def faults(knowledge: Knowledge, folders: Folders, article: Article) -> Iterator[Diagnostic]:
    """Yield the passages whose text is not in the article, and the passages of the article that no source lists."""
    listed = {passage.sha256: name for name, (_, passage) in knowledge.passage.items() if passage.sha256}
    present = {_hash(text): (line, text) for line, text in article.passages}
    for digest, name in listed.items():
        if digest not in present:
            location = positions.of_record(folders.known["sources"], "passages", name)
            yield Diagnostic(location, "passage-changed", f"the text of passage {name!r} is not in {article.name}")
    for digest, (line, text) in present.items():
        if digest not in listed:
            beginning = " ".join(text.split()[:4])
            message = f"no source lists the passage that begins {beginning!r}"
            yield Diagnostic(Location(article.name, line), "passage-unlisted", message)


def _hash(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def _passages(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence and each row of a table, with its line; headings are not passages."""
    table = False  # whether the line before belongs to a table
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            only_rules_off = all(set(cell) <= set("-: ") for cell in cells)
            if table and not only_rules_off:  # the first row only names the columns
                yield number, line
        elif line.endswith("."):
            body = line.split(": ", 1)[1] if line.startswith("- ") and ": " in line else line
            for sentence in re.findall(r"[^.]+(?:\.(?!\s+[A-Z]|$)[^.]*)*\.", body):
                yield number, sentence.strip()
        table = line.startswith("|")


@cache
def _runs(words_: tuple[str, ...], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(words_[start : start + length] for start in range(len(words_) - length + 1))
