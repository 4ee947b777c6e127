"""Reading fields out of positioned trees: right type or a problem with its line, never an exception half-way.

A `Record` wraps one mapping of a knowledge or rules file. Each getter returns a usable value even where the file is
wrong, having noted why, so that the loader can go on and report everything at once. It knows shapes, not meanings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from advisor.diagnostics import Diagnostic, Location, nearest
from advisor.source.positioned import Document, Node

ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


class Record:
    """One mapping of a file, with the keys it may have and the list that its problems go to."""

    def __init__(self, node: Node, file: str, problems: list[Diagnostic], what: str, keys: Sequence[str]) -> None:
        self.file = file
        self.line = node.line
        self.what = what
        self.problems = problems
        self._fields = node.value if isinstance(node.value, dict) else {}
        if not isinstance(node.value, dict):
            self.fault(f"{what} must be a mapping with the keys {', '.join(keys)}")
        for key, value in self._fields.items():
            if key not in keys:
                self.fault(f"{what} has no key {key!r}{nearest(key, keys)}", value, "unknown-key")

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    @property
    def location(self) -> Location:
        """Where the record stands."""
        return Location(self.file, self.line)

    def fault(self, message: str, node: Node | None = None, code: str = "schema") -> None:
        """Note a problem, of the kind `code`, on the line of `node`, or of the record."""
        self.problems.append(Diagnostic(Location(self.file, node.line if node else self.line), code, message))

    def node(self, key: str) -> Node | None:
        """Return the node under `key`, or None with a problem noted."""
        if key not in self._fields:
            self.fault(f"{self.what} lacks {key!r}", code="missing-key")
        return self._fields.get(key)

    def text(self, key: str) -> str:
        """Return a text that is not blank."""
        node = self.node(key)
        if node and isinstance(node.value, str) and node.value.strip():
            return " ".join(node.value.split())
        if node:
            self.fault(f"{key!r} of {self.what} must be a text", node)
        return ""

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the key is absent."""
        return self.text(key) if key in self else None

    def identifier(self, key: str = "id") -> str:
        """Return an id: lower-case words joined by underscores, with dots between parts."""
        name = self.text(key)
        if name and not ID.fullmatch(name):
            message = f"{name!r} is not an id; use lower-case letters, digits, underscores and dots"
            self.fault(message, self._fields[key])
        return name

    def texts(self, key: str, may_be_empty: bool = False) -> tuple[str, ...]:
        """Return a list of texts, none of them blank."""
        node = self.node(key)
        if node is None:
            return ()
        items = node.value if isinstance(node.value, list) else [node]
        texts = tuple(item.value for item in items if isinstance(item.value, str) and item.value.strip())
        if not isinstance(node.value, list) or len(texts) < len(items) or not (items or may_be_empty):
            self.fault(f"{key!r} of {self.what} must be a list of texts", node)
            return ()
        return texts

    def whole(self, key: str) -> int:
        """Return a whole number."""
        node = self.node(key)
        if node is None:
            return 0
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            self.fault(f"{key!r} of {self.what} must be a whole number", node)
            return 0
        return node.value

    def flag(self, key: str) -> bool:
        """Return whether the key is given as yes; no where it is absent."""
        node = self._fields.get(key)
        if node is None:
            return False
        if not isinstance(node.value, bool):
            self.fault(f"{key!r} of {self.what} must be yes or no", node)
        return node.value is True

    def known(self, key: str, names: Iterable[str], noun: str) -> str:
        """Return a text that is one of `names`."""
        name = self.text(key)
        names = list(names)
        if name and name not in names:
            self.fault(f"unknown {noun} {name!r}{nearest(name, names)}", self._fields[key], "unknown-name")
        return name

    def all_known(self, key: str, names: Iterable[str], noun: str) -> tuple[str, ...]:
        """Return a list of texts, each one of `names`."""
        names = list(names)
        given = self.texts(key)
        node = self._fields.get(key)
        items = node.value if node and isinstance(node.value, list) else []
        for name, item in zip(given, items, strict=False):
            if name not in names:
                self.fault(f"unknown {noun} {name!r}{nearest(name, names)}", item, "unknown-name")
        return given

    def records(self, key: str, what: str, keys: Sequence[str]) -> Iterator[Record]:
        """Yield the mappings of the list under `key`; ids that repeat within the list are problems."""
        node = self.node(key)
        if node is None:
            return
        if not isinstance(node.value, list):
            self.fault(f"{key!r} of {self.what} must be a list", node)
            return
        seen: dict[object, int] = {}
        for item in node.value:
            name = item.value.get("id") if isinstance(item.value, dict) else None
            label = name.value if name and isinstance(name.value, str) else None
            if label is not None and label in seen:
                self.fault(f"{what} {label!r} is defined twice (first on line {seen[label]})", item, "duplicate-id")
            if label is not None:
                seen.setdefault(label, item.line)
            yield Record(item, self.file, self.problems, f"{what} {label!r}" if label else what, keys)


def root(document: Document, problems: list[Diagnostic], keys: Sequence[str]) -> Record:
    """Return the record at the top of a document, its repeated keys noted."""
    problems.extend(document.problems)
    return Record(document.root, document.name, problems, "the file", keys)
