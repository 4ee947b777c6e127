"""What the texts of a rule base say: nothing that the word lists forbid, nothing copied; and what they cite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from advisor.analysis import positions
from advisor.analysis.article import Article, words
from advisor.diagnostics import Diagnostic
from advisor.model.knowledge import Knowledge
from advisor.source.fields import root
from advisor.source.loader import TOOLS, Folders
from advisor.source.positioned import Document

# nobody is shown what stands under these keys, or not as words of ours
_NOT_SHOWN = (
    "id", "when", "source", "examples", "sha256", "synonyms", "kind", "basis", "title", "publisher",
    "address", "date", "read", "place", "version", "implies", "only_after", "about", "card_only", "pressing",
)  # fmt: skip
COPIED = 8  # words in a row


class _Forbidden(NamedTuple):
    word_list: str
    message: str
    pattern: re.Pattern[str]


def faults(folders: Folders, article: Article | None) -> list[Diagnostic]:
    """Return what is wrong with the texts. The rest of the rule base need not be valid."""
    found: list[Diagnostic] = []
    forbidden = list(_word_lists(folders, found))
    for document in _documents(folders):
        found += _language(document, forbidden)
        found += _copies(document, article) if article else ()
    return found


def citations(knowledge: Knowledge, folders: Folders) -> Iterator[Diagnostic]:
    """Yield each passage that is neither cited nor marked as background, or is both."""
    for name, (_, passage) in knowledge.passage.items():
        citing = knowledge.cited_by[name]
        location = positions.of_record(folders.known["sources"], "passages", name)
        if not citing and passage.background is None:
            yield Diagnostic(location, "uncited", f"nothing cites passage {name!r}; say why in 'background'")
        if citing and passage.background is not None:
            message = f"passage {name!r} has a 'background', but {', '.join(citing)} cited it"
            yield Diagnostic(location, "background-cited", message)


def _documents(folders: Folders) -> Iterator[Document]:
    yield from (document for name, document in folders.known.items() if name not in TOOLS)
    yield from folders.ruled.values()


def _word_lists(folders: Folders, problems: list[Diagnostic]) -> Iterator[_Forbidden]:
    if "language" not in folders.known:
        return
    record = root(folders.known["language"], problems, ("language",))
    for item in record.records("language", "word list", ("id", "message", "patterns")):
        name, message = item.identifier(), item.text("message")
        for pattern in item.texts("patterns"):
            try:
                yield _Forbidden(name, message, re.compile(pattern, re.IGNORECASE))
            except (re.error, OverflowError, RecursionError) as error:
                item.fault(f"{pattern!r} is not a regular expression: {error}", item.node("patterns"))


def _language(document: Document, forbidden: Sequence[_Forbidden]) -> Iterator[Diagnostic]:
    for location, text in positions.of_texts(document, without=_NOT_SHOWN):
        if text.rstrip().endswith("?"):
            continue  # a question may ask whether somebody takes something
        for word_list, message, pattern in forbidden:
            if match := pattern.search(text):
                yield Diagnostic(location, f"language-{word_list}", f"{message}: {match[0]!r}")


def _copies(document: Document, article: Article) -> Iterator[Diagnostic]:
    known = article.runs(COPIED)
    for location, text in positions.of_texts(document, without=("sha256",)):
        ours = words(text)
        for start in range(len(ours) - COPIED + 1):
            run = tuple(ours[start : start + COPIED])
            if run in known:
                message = f"these {COPIED} words in a row also stand in the article: {' '.join(run)!r}"
                yield Diagnostic(location, "copied", message)
