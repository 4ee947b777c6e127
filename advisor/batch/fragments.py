"""Fragments: the encoded parts of a result, each made once and from then on looked up.

A part of the advice (one nutrient, say) depends on a few reported facts, its slice (`advisor.reasoning.slices`). So
there is a table for each part, from the pattern of those facts to what an encoder made of the part:

    muscle_cramps, no poor_diet   ->  `{"id":"magnesium","support":1,"matched":["muscle_cramps"],…}`

A million people show a few thousand patterns. The result for one person is put together from looked-up fragments, and
the rule engine runs only for patterns that are new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from advisor.model.knowledge import LEVELS, Level
from advisor.reasoning.advice import Advice, CareReason, Item, Step, Suggestion
from advisor.reasoning.slices import Slices, Table

T = TypeVar("T")


class PartEncoders(NamedTuple):
    """What an encoder makes of each part of the advice. Each is called once for a pattern."""

    nutrient: Callable[[Suggestion], Any]  # without the rank, which depends on the other nutrients
    care: Callable[[CareReason], Any]
    advice: Callable[[tuple[Item, ...]], Any]
    cautions: Callable[[tuple[Item, ...]], Any]
    step: Callable[[Step], Any] | None  # without the number, which depends on the other steps; None for no trace


# A nutrient of one case. The first field is a number to sort by, so that a list of these can be sorted as it is.
Suggested: TypeAlias = tuple[int, str, Any]  # the number, the id, the fragment


class CaseFragments(msgspec.Struct, frozen=True, gc=False):
    """The fragments of one case."""

    level: Level
    care: list[Any]
    nutrients: list[Suggested]  # ranked
    advice: Any
    cautions: Any
    steps: tuple[Any, ...]


class Fragments:
    """The tables of one encoder's fragments."""

    def __init__(self, slices: Slices, encode: PartEncoders) -> None:
        """Prepare the tables, which are empty."""
        knowledge, rules = slices.knowledge, slices.rules
        self._encode = encode
        self._place = {nutrient.id: place for place, nutrient in enumerate(knowledge.nutrients)}
        self._nutrients = [
            _with_slice(slices.table(rules(["suggested", "supports"], nutrient), self._suggested))
            for nutrient in knowledge.nutrient
        ]
        # Some care items share a table, as do some rules of the trace: fewer look-ups, and slices still narrow
        care_rules = [rules(["care"], item.id) for item in knowledge.care]
        self._care = [_with_slice(slices.table(group, self._reasons)) for group in slices.grouped(care_rules)]
        trace_rules = slices.grouped([rule] for rule in knowledge.rules) if encode.step else ()
        self._trace = [_with_slice(slices.table(group, self._steps)) for group in trace_rules]
        advice = slices.table(rules(["advice"]), lambda advice: encode.advice(advice.advice))
        self._advice_slice, self._advice = _with_slice(advice)
        cautions = slices.table(rules(["caution"]), lambda advice: encode.cautions(advice.cautions))
        self._cautions_slice, self._cautions = _with_slice(cautions)

    def of(self, facts: int) -> CaseFragments:
        """Return the fragments of a case that reports these facts. Raises EngineError if the engine fails on it."""
        steps: tuple[Any, ...] = ()
        for slice_, step_table in self._trace:
            steps += step_table[facts & slice_]
        severity, care = len(LEVELS) - 1, []
        for slice_, care_table in self._care:
            level, reasons = care_table[facts & slice_]
            if reasons:
                care += reasons
                severity = min(severity, level)
        nutrients = [found for slice_, table in self._nutrients if (found := table[facts & slice_])]
        nutrients.sort()
        return CaseFragments(
            LEVELS[severity],
            care,
            nutrients,
            self._advice[facts & self._advice_slice],
            self._cautions[facts & self._cautions_slice],
            steps,
        )

    def _suggested(self, advice: Advice) -> Suggested | None:
        if not advice.nutrients:
            return None
        (suggestion,) = advice.nutrients
        # More support first; with equal support, the order of the nutrients. No two nutrients have the same number.
        number = self._place[suggestion.id] - suggestion.support * len(self._place)
        return number, suggestion.id, self._encode.nutrient(suggestion)

    def _reasons(self, advice: Advice) -> tuple[int, list[Any]]:
        return LEVELS.index(advice.care.level), [self._encode.care(reason) for reason in advice.care.items]

    def _steps(self, advice: Advice) -> tuple[Any, ...]:
        return tuple(self._encode.step(step) for step in advice.trace) if self._encode.step else ()


def _with_slice(table: Table[T]) -> tuple[int, Table[T]]:
    """Return a table behind its slice: there are some forty look-ups a case, and attributes cost time."""
    return table.slice, table
