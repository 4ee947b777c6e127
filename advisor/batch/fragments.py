"""Fragments: the encoded parts of a result, each made once and from then on looked up.

A part of the advice (one nutrient, say) depends on a few reported facts, its slice (`advisor.reasoning.slices`). So
there is a table for each part, from the pattern of those facts to what an encoder made of the part:

    muscle_cramps, no poor_diet   ->  `{"id":"magnesium","support":1,"matched":["muscle_cramps"],…}`

A million people show a few thousand patterns. The result for one person is put together from looked-up fragments, and
the rule engine runs only for patterns that are new.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from advisor.batch.decoders import Case
from advisor.batch.stated import Stated
from advisor.model.knowledge import LEVELS, Level, Rule
from advisor.reasoning.advice import Advice, CareReason, Item, Step, Suggestion, WatchFor
from advisor.reasoning.slices import Slices, Table

T = TypeVar("T")


class PartEncoders(NamedTuple):
    """What an encoder makes of each part of the advice. Each is called once for a pattern."""

    nutrient: Callable[[Suggestion], Any]  # without the rank, which depends on the other nutrients
    care: Callable[[CareReason], Any]
    watch_for: Callable[[WatchFor], Any]
    advice: Callable[[tuple[Item, ...]], Any]
    caution: Callable[[Item], Any]
    ids: Callable[[tuple[str, ...]], Any]  # of findings that are implied, or that were not answered
    step: Callable[[Step], Any] | None  # without the number, which depends on the other steps; None for no trace


# A nutrient of one case. The first field is a number to sort by, so that a list of these can be sorted as it is.
Suggested: TypeAlias = tuple[int, str, int, Any]  # the number, the id, the support, the fragment


class CaseFragments(msgspec.Struct, frozen=True, gc=False):
    """The fragments of one case."""

    implied: Any
    level: Level
    care: list[Any]
    watch_for: list[Any]
    unanswered: Any
    nutrients: list[Suggested]  # ranked
    advice: Any
    cautions: list[Any]
    steps: tuple[Any, ...]


class Fragments:
    """The tables of one encoder's fragments."""

    def __init__(self, slices: Slices, encode: PartEncoders) -> None:
        """Prepare the tables, which are empty."""
        knowledge, rules = slices.knowledge, slices.rules
        self._encode = encode
        self._place = {nutrient.id: place for place, nutrient in enumerate(knowledge.nutrients)}
        self._nutrients = [
            _with_slice(slices.table(_rules_about(nutrient, slices), self._suggested))
            for nutrient in knowledge.nutrient
        ]
        # Some care items share a table, as do some cautions and some rules of the trace: fewer look-ups, and slices
        # still narrow
        care_rules = [rules(["care"], item.id) for item in knowledge.care]
        self._care = [
            _with_slice(slices.table(group, self._care_of(_concluded(group)))) for group in slices.grouped(care_rules)
        ]
        trace_rules = slices.grouped([rule] for rule in knowledge.rules) if encode.step else ()
        self._trace = [_with_slice(slices.table(group, self._steps)) for group in trace_rules]
        advice = slices.table(rules(["advice"]), lambda advice: encode.advice(advice.advice))
        self._advice_slice, self._advice = _with_slice(advice)
        caution_rules = [rules(["caution"], item.id) for item in knowledge.cautions]
        self._cautions = [_with_slice(slices.table(group, self._warnings)) for group in slices.grouped(caution_rules)]
        stated = Stated(knowledge)
        self._implied = Table(stated.said, lambda pattern: encode.ids(stated.implied(pattern)))
        self._unanswered = Table(stated.answered, lambda pattern: encode.ids(stated.unanswered(pattern)))

    def of(self, case: Case) -> CaseFragments:
        """Return the fragments of a case. Raises EngineError if the engine fails on it."""
        facts, stated = case.facts, case.stated
        steps: tuple[Any, ...] = ()
        for slice_, step_table in self._trace:
            steps += step_table[facts & slice_]
        severity, care, watch_for = len(LEVELS) - 1, [], []
        for slice_, care_table in self._care:
            level, reasons, signs = care_table[facts & slice_]
            watch_for += signs
            if reasons:
                care += reasons
                severity = min(severity, level)
        cautions = []
        for slice_, caution_table in self._cautions:
            cautions += caution_table[facts & slice_]
        nutrients = [found for slice_, table in self._nutrients if (found := table[facts & slice_])]
        nutrients.sort()
        return CaseFragments(
            self._implied[stated & self._implied.slice],
            LEVELS[severity],
            care,
            watch_for,
            self._unanswered[stated & self._unanswered.slice],
            nutrients,
            self._advice[facts & self._advice_slice],
            cautions,
            steps,
        )

    def _suggested(self, advice: Advice) -> Suggested | None:
        if not advice.nutrients:
            return None
        (suggestion,) = advice.nutrients
        # More support first; with equal support, the order of the nutrients. No two nutrients have the same number.
        number = self._place[suggestion.id] - suggestion.support * len(self._place)
        return number, suggestion.id, suggestion.support, self._encode.nutrient(suggestion)

    def _care_of(self, items: Collection[str]) -> Callable[[Advice], tuple[int, list[Any], list[Any]]]:
        """Return what makes the fragments of these care items: those that came up, and those to watch for."""

        def made(advice: Advice) -> tuple[int, list[Any], list[Any]]:
            reasons = [self._encode.care(reason) for reason in advice.care.items]
            signs = [self._encode.watch_for(sign) for sign in advice.care.watch_for if sign.id in items]
            return LEVELS.index(advice.care.level), reasons, signs

        return made

    def _warnings(self, advice: Advice) -> list[Any]:
        return [self._encode.caution(caution) for caution in advice.cautions]

    def _steps(self, advice: Advice) -> tuple[Any, ...]:
        return tuple(self._encode.step(step) for step in advice.trace) if self._encode.step else ()


def _rules_about(nutrient: str, slices: Slices) -> tuple[Rule, ...]:
    """Return the rules that bear on what is said of a nutrient, the cautions about it among them."""
    bearing = {rule.id for rule in slices.rules(["suggested", "supports"], nutrient)}
    for caution in slices.knowledge.cautions_about[nutrient]:
        bearing |= {rule.id for rule in slices.rules(["caution"], caution.id)}
    return tuple(rule for rule in slices.knowledge.rules if rule.id in bearing)


def _concluded(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(rule.concludes.id for rule in rules if rule.concludes.kind == "care")


def _with_slice(table: Table[T]) -> tuple[int, Table[T]]:
    """Return a table behind its slice: there are some forty look-ups a case, and attributes cost time."""
    return table.slice, table
