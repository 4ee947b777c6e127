"""Where records and texts stand in YAML documents, for pointing at what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.diagnostics import Location
from advisor.source.positioned import Document, Node


def of_record(document: Document, key: str, name: str) -> Location:
    """Return where the record with the id `name` stands in a list under `key`; line 0 if it does not."""
    lines = (item.line for item in _items(document.root, key) if _id(item) == name)
    return Location(document.name, next(lines, 0))


def of_texts(document: Document, without: tuple[str, ...]) -> Iterator[tuple[Location, str]]:
    """Yield every text of a document and where it stands, except texts under the keys `without`."""
    for line, text in _texts(document.root, without):
        yield Location(document.name, line), text


def _texts(node: Node, without: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    if isinstance(node.value, str):
        yield node.line, node.value
    elif isinstance(node.value, list):
        for item in node.value:
            yield from _texts(item, without)
    elif isinstance(node.value, dict):
        for key, item in node.value.items():
            if key not in without:
                yield from _texts(item, without)


def _items(node: Node, key: str) -> Iterator[Node]:
    """Yield the items of every list under `key`, at any depth."""
    if isinstance(node.value, list):
        for item in node.value:
            yield from _items(item, key)
    elif isinstance(node.value, dict):
        for name, inner in node.value.items():
            if name == key and isinstance(inner.value, list):
                yield from inner.value
            yield from _items(inner, key)


def _id(node: Node) -> object:
    found = node.value.get("id") if isinstance(node.value, dict) else None
    return found.value if found else None
