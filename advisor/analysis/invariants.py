"""Invariants: what must hold for any answers, as `invariants.yaml` states it.

    - id: warfarin_and_vitamin_k2
      if: {all: [takes_warfarin, suggested:vitamin_k2]}
      then: caution:vitamin_k_and_warfarin

`if` and `then` are conditions as in rules, and may also name conclusions and care levels. Here they are read; whether
they hold is for `advisor.analysis.verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from advisor.diagnostics import Diagnostic, Location, nearest, shown
from advisor.model.conditions import Condition, leaves
from advisor.model.facts import Conclusion, Fact, confirmed, parse_conclusion, parse_fact, reported
from advisor.model.knowledge import LEVELS, Knowledge, Level
from advisor.source import conditions
from advisor.source.fields import Record, root
from advisor.source.loader import Folders
from advisor.source.positioned import Node

Question: TypeAlias = Literal["reachable", "monotone", "disclaimers", "all_clear"]

_QUESTIONS: Final[dict[str, Question]] = {text: text for text in get_args(Question)}


class CareAtLeast(msgspec.Struct, frozen=True, order=True):
    """Holds where the care level is this one or a more pressing one."""

    level: Level

    def __str__(self) -> str:
        return f"care_level:{self.level}"


Named: TypeAlias = Fact | Conclusion | CareAtLeast  # what the conditions of an invariant name


class Implication(msgspec.Struct, frozen=True):
    """Where `given` holds, `then` must hold too."""

    given: Condition[Named]
    then: Condition[Named]


class Invariant(msgspec.Struct, frozen=True):
    """Something that must hold for any answers."""

    id: str
    text: str
    location: Location
    claim: Question | tuple[Implication, ...]  # several where it is said of each nutrient

    @property
    def names(self) -> Iterator[Named]:
        """Everything that its conditions name."""
        for one in self.claim if isinstance(self.claim, tuple) else ():
            yield from leaves(one.given)
            yield from leaves(one.then)


def read(folders: Folders, knowledge: Knowledge) -> tuple[list[Invariant], list[Diagnostic]]:
    """Read the invariants of a knowledge folder, which may have none; return them and what is wrong with the others."""
    problems: list[Diagnostic] = []
    found: list[Invariant] = []
    if "invariants" in folders.known:
        names = _Names(knowledge)
        record = root(folders.known["invariants"], problems, ("invariants",))
        for item in record.records("invariants", "invariant", ("id", "text", "proof", "each", "if", "then")):
            before = len(problems)
            invariant = Invariant(item.identifier(), item.text("text"), item.location, _claim(item, names))
            if len(problems) == before:
                found.append(invariant)
    return found, problems


def _claim(record: Record, names: _Names) -> Question | tuple[Implication, ...]:
    if "proof" in record:
        if any(key in record for key in ("each", "if", "then")):
            record.fault(f"{record.what} has a 'proof', so it cannot have 'each', 'if' or 'then'")
        return _QUESTIONS.get(record.known("proof", _QUESTIONS, "proof"), ())
    given, then = record.node("if"), record.node("then")
    if given is None or then is None:
        return ()
    each: tuple[str, ...] = ("",)
    if "each" in record and record.known("each", ("nutrients",), "kind of thing"):
        each = names.nutrients
    return tuple(
        Implication(names.condition(given, record, nutrient), names.condition(then, record, nutrient))
        for nutrient in each
    )


class _Names:
    """The names that invariants may use."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.nutrients = tuple(knowledge.nutrient)
        self._numbers = {finding.id for finding in knowledge.findings if finding.kind == "number"}
        self._levels = {str(one): one for one in map(CareAtLeast, LEVELS)}
        self._known: set[Named] = {
            *(reported(finding.id) for finding in knowledge.findings if finding.kind == "yes_no"),
            *knowledge.reported_by,
            *map(confirmed, knowledge.nutrient),
            *(Fact("derived", item.id) for item in knowledge.derived),
            *knowledge.shown,
            *self._levels.values(),
        }

    def condition(self, node: Node, record: Record, nutrient: str) -> Condition[Named]:
        """Read a condition, in which `{nutrient}` stands for a nutrient."""

        def name(text: str, node: Node) -> Named | None:
            return self._name(text.replace("{nutrient}", nutrient), node, record)

        return conditions.read(node, record, name)

    def _name(self, text: str, node: Node, record: Record) -> Named | None:
        named = self._levels.get(text.strip()) or parse_conclusion(text) or parse_fact(text)
        if named in self._known or (isinstance(named, Fact) and named.is_test and named.id in self._numbers):
            return named
        known = sorted(str(one).removeprefix("finding:") for one in self._known)
        record.fault(f"unknown fact or conclusion {shown(text)}{nearest(text, known)}", node, "unknown-name")
        return None
