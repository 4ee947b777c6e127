"""Conditions in YAML: a name, or `all:` or `any:` with a list of conditions, nested as wanted.

    when:
      all: [muscle_cramps, {any: [poor_diet, excessive_alcohol]}]

Rules and invariants are read by this one parser; each brings its own reader for the names at the leaves. The tree is
kept as it was written. Whether the rule engine can hold it is for `advisor.engine.limits`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from advisor.model.conditions import All, Any, Condition, Leaf
from advisor.source.fields import Record
from advisor.source.positioned import Node

F = TypeVar("F")


def read(node: Node, record: Record, name: Callable[[str, Node], F | None]) -> Condition[F]:
    """Read the condition at `node`; what is wrong with it becomes a fault of `record`.

    `name` reads one leaf, and notes a fault and returns None where the text names nothing. An empty `All` stands for
    whatever could not be read.
    """
    if isinstance(node.value, str):
        named = name(node.value, node)
        return All(()) if named is None else Leaf(named)
    if not isinstance(node.value, dict) or len(node.value) != 1 or not set(node.value) <= {"all", "any"}:
        record.fault("a condition is a fact, or 'all:' or 'any:' with a list of conditions", node)
        return All(())
    ((how, inner),) = node.value.items()
    if not isinstance(inner.value, list) or not inner.value:
        record.fault(f"'{how}' needs a list of conditions", inner)
        return All(())
    parts = tuple(read(item, record, name) for item in inner.value)
    return All(parts) if how == "all" else Any(parts)
