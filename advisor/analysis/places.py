"""Where things stand in the YAML: the line of a record by its id, and every text with its line."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.source.positioned import Document, Node


def line(document: Document, name: str) -> int:
    """Return the line of the record with this id, the first of them; 0 where there is none."""
    return next((node.line for node in _nodes(document.root) if _id(node) == name), 0)


def texts(node: Node, without: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield every text of a tree with its line, but for those under the keys `without`."""
    if isinstance(node.value, str):
        yield node.line, node.value
    elif isinstance(node.value, list):
        for item in node.value:
            yield from texts(item, without)
    elif isinstance(node.value, dict):
        for key, item in node.value.items():
            if key not in without:
                yield from texts(item, without)


def _id(node: Node) -> object:
    found = node.value.get("id") if isinstance(node.value, dict) else None
    return found.value if found else None


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    for item in inner:
        yield from _nodes(item)
