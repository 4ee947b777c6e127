"""What the texts say: nothing that the word lists forbid, nothing copied; and that passages name what cites them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from advisor.analysis.article import Article, words
from advisor.analysis.places import line, texts
from advisor.analysis.report import Fault
from advisor.diagnostics import Diagnostic
from advisor.model.knowledge import Knowledge
from advisor.source.fields import root
from advisor.source.loader import TOOLS, Folders
from advisor.source.positioned import Document

# what stands under these keys is not said to anybody
_UNSAID = (
    "id", "when", "source", "examples", "used_by", "sha256", "synonyms", "findings", "kind", "basis", "reference",
    "title", "publisher", "place", "version",
)  # fmt: skip
COPIED = 8  # words in a row


def faults(folders: Folders, article: Article | None) -> list[Fault]:
    """Return what is wrong with the texts, whether or not the rest can be used."""
    problems: list[Diagnostic] = []
    patterns = list(_patterns(folders, problems))
    found = [Fault(problem.code or "schema", problem.message, problem.file, problem.line) for problem in problems]
    for document in _documents(folders):
        for place, text in texts(document.root, _UNSAID):
            found += (
                Fault(f"language-{name}", f"{message}: {match[0]!r}", document.name, place)
                for name, message, pattern in patterns
                if not text.rstrip().endswith("?") and (match := pattern.search(text))
            )
        if article:
            for place, text in texts(document.root, ("sha256",)):
                found += (
                    Fault("copied", f"{COPIED} words in a row are the article's: {copied!r}", document.name, place)
                    for copied in _copied(text, article)
                )
    return found


def citations(knowledge: Knowledge, folders: Folders) -> list[Fault]:
    """Return the passages whose `used_by` is not what cites them."""
    citing: dict[str, set[str]] = {}
    for user, names in knowledge.citations():
        for name in names:
            citing.setdefault(name, set()).add(user)
    document = folders.known["sources"]
    found = []
    for name, (_, passage) in knowledge.passage.items():
        missing = sorted(citing.get(name, set()) - set(passage.used_by))
        wrong = sorted(set(passage.used_by) - citing.get(name, set()))
        said = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"names {', '.join(wrong)} in vain"] * bool(wrong)
        if said:
            message = f"'used_by' of passage {name!r} {' and '.join(said)}"
            found.append(Fault("used-by", message, document.name, line(document, name)))
    return found


def _documents(folders: Folders) -> Iterator[Document]:
    yield from (document for name, document in folders.known.items() if name not in TOOLS)
    yield from folders.ruled.values()


def _patterns(folders: Folders, problems: list[Diagnostic]) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    if "language" not in folders.known:
        return
    record = root(folders.known["language"], problems, ("language",))
    for item in record.records("language", "word list", ("id", "message", "patterns")):
        name, message = item.identifier(), item.text("message")
        for pattern in item.texts("patterns"):
            try:
                yield name, message, re.compile(pattern, re.IGNORECASE)
            except (re.error, OverflowError, RecursionError) as error:
                item.fault(f"{pattern!r} is not a regular expression: {error}", item.node("patterns"))


def _copied(text: str, article: Article) -> Iterable[str]:
    ours = words(text)
    runs = (tuple(ours[start : start + COPIED]) for start in range(len(ours) - COPIED + 1))
    return (" ".join(run) for run in runs if run in article.runs(COPIED))
