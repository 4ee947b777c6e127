"""The parts that every result is put together from, each looked up by the few answers it depends on.

Between the slices and the forms: which parts there are, how nutrients are ranked, and how often each came up. What a
part looks like is the form's business; it hands in a function for each, which is asked once for a pattern.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final, NamedTuple

from advisor.advice import Advice, Care, Item, Step, Suggestion
from advisor.knowledge import Verb
from advisor.slices import Slices, Table


class Makers(NamedTuple):
    """What a form makes of each part of the advice."""

    nutrient: Callable[[Suggestion], Any]  # the rank is not known yet, and 1
    care: Callable[[Care], Any]
    advice: Callable[[tuple[Item, ...]], Any]
    cautions: Callable[[tuple[Item, ...]], Any]
    step: Callable[[Step], Any] | None  # the number is not known yet; None where a form has no trace


_NUTRIENT: Final[tuple[Verb, ...]] = ("suggest", "support")


class Parts:
    """Tables of parts, and the count of what was looked up."""

    def __init__(self, slices: Slices, makers: Makers) -> None:
        knowledge, rules = slices.knowledge, slices.rules
        self._place = {nutrient.id: place for place, nutrient in enumerate(knowledge.nutrients)}
        self._nutrients = [
            _sliced(
                slices.table(rules(("suggest", "support"), nutrient), lambda advice: self._nutrient(advice, makers))
            )
            for nutrient in knowledge.nutrient
        ]
        care = slices.table(rules(["refer"]), lambda advice: (advice.care.level, makers.care(advice.care)))
        self._care_slice, self._care = _sliced(care)
        advice = slices.table(rules(["advise"]), lambda advice: makers.advice(advice.advice))
        self._advice_slice, self._advice = _sliced(advice)
        cautions = slices.table(rules(["caution"]), lambda advice: makers.cautions(advice.cautions))
        self._cautions_slice, self._cautions = _sliced(cautions)
        self._trace: list[tuple[int, Table[tuple[Any, ...]]]] = []
        if step := makers.step:
            groups = slices.grouped(knowledge.rules)
            tables = (slices.table(group, lambda advice: tuple(map(step, advice.trace))) for group in groups)
            self._trace = [_sliced(table) for table in tables]
        self._levels: list[str] = []
        self._suggested: list[tuple[Any, ...]] = []

    def look_up(self, facts: int) -> tuple[str, Any, list[tuple[int, str, Any]], Any, Any]:
        """Return the care level and the parts of a case: care, nutrients, advice, cautions.

        Nutrients come ranked, as (what they are sorted by, id, what the form made).
        """
        level, care = self._care[facts & self._care_slice]
        advice, cautions = self._advice[facts & self._advice_slice], self._cautions[facts & self._cautions_slice]
        ranked = [piece for slice_, table in self._nutrients if (piece := table[facts & slice_])]
        ranked.sort()
        # counted last: the engine may fail on a pattern, and then the case has no part at all
        self._levels.append(level)
        self._suggested += ranked
        return level, care, ranked, advice, cautions

    def steps(self, facts: int) -> tuple[Any, ...]:
        """Return what the form made of each step of the trace, in order. To be asked before `look_up`, which counts."""
        steps: tuple[Any, ...] = ()
        for slice_, table in self._trace:
            steps += table[facts & slice_]
        return steps

    def counted(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often each care level and each nutrient was looked up since last asked."""
        counts = Counter(self._levels), Counter(map(itemgetter(1), self._suggested))
        self._levels, self._suggested = [], []
        return counts

    def _nutrient(self, advice: Advice, makers: Makers) -> tuple[int, str, Any] | None:
        if not advice.nutrients:
            return None
        (suggestion,) = advice.nutrients
        # one number that sorts by support, and ties in the order of the nutrients; no two nutrients have the same
        key = self._place[suggestion.id] - suggestion.support * len(self._place)
        return key, suggestion.id, makers.nutrient(suggestion)


def _sliced(table: Table[Any]) -> tuple[int, Table[Any]]:
    return table.slice, table
