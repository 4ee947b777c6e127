"""The parts that every result is put together from, each looked up by the few answers it depends on.

Between the slices and the forms: which parts there are, how nutrients are ranked, and how often each came up. What a
part looks like is the form's business; it hands in a function for each, which is asked once for a pattern.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from advisor.model.facts import ConclusionKind, FactKind
from advisor.model.knowledge import LEVELS, Level
from advisor.reasoning.advice import Advice, CareReason, Item, Step, Suggestion
from advisor.reasoning.slices import Slices, Table

T = TypeVar("T")


class Makers(NamedTuple):
    """What a form makes of each part of the advice."""

    nutrient: Callable[[Suggestion], Any]  # the rank is not known yet, and 1
    care: Callable[[CareReason], Any]
    advice: Callable[[tuple[Item, ...]], Any]
    cautions: Callable[[tuple[Item, ...]], Any]
    step: Callable[[Step], Any] | None  # the number is not known yet; None where a form has no trace


# Of one case: care level, reasons for it, nutrients (ranked, each: what it is sorted by, id, what the form made),
# advice, cautions. A plain tuple, because there are millions.
Found: TypeAlias = tuple[Level, Sequence[Any], list[tuple[int, str, Any]], Any, Any]


class Parts:
    """Tables of parts, and the count of what was looked up."""

    def __init__(self, slices: Slices, makers: Makers) -> None:
        knowledge, rules = slices.knowledge, slices.rules
        self._makers = makers
        self._place = {nutrient.id: place for place, nutrient in enumerate(knowledge.nutrients)}
        self._nutrients = [_sliced(slices.table(rules(_NUTRIENT, n), self._nutrient)) for n in knowledge.nutrient]
        # a few items of care at a time: all of them together have a wide slice
        care = [rules(["care"], item.id) for item in knowledge.care]
        self._care = [_sliced(slices.table(group, self._reasons)) for group in slices.grouped(care)]
        advice = slices.table(rules(["advice"]), lambda advice: makers.advice(advice.advice))
        self._advice_slice, self._advice = _sliced(advice)
        cautions = slices.table(rules(["caution"]), lambda advice: makers.cautions(advice.cautions))
        self._cautions_slice, self._cautions = _sliced(cautions)
        trace = slices.grouped([rule] for rule in knowledge.rules) if makers.step else ()
        self._trace = [_sliced(slices.table(group, self._steps)) for group in trace]
        self._levels: list[Level] = []
        self._suggested: list[tuple[int, str, Any]] = []

    def look_up(self, facts: int) -> Found:
        """Return the parts of a case, and count it."""
        severity, care = len(LEVELS) - 1, []
        for slice_, table in self._care:
            level, reasons = table[facts & slice_]
            if reasons:
                care += reasons
                severity = min(severity, level)
        advice, cautions = self._advice[facts & self._advice_slice], self._cautions[facts & self._cautions_slice]
        ranked = [piece for slice_, table in self._nutrients if (piece := table[facts & slice_])]
        ranked.sort()
        # counted last: the engine may fail on a pattern, and then the case has no part at all
        self._levels.append(LEVELS[severity])
        self._suggested += ranked
        return LEVELS[severity], care, ranked, advice, cautions

    def steps(self, facts: int) -> tuple[Any, ...]:
        """Return what the form made of each step of the trace, in order. To be asked before `look_up`, which counts."""
        steps: tuple[Any, ...] = ()
        for slice_, table in self._trace:
            steps += table[facts & slice_]
        return steps

    def counted(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often each care level and each nutrient was looked up since last asked."""
        counts = Counter[str](self._levels), Counter(map(itemgetter(1), self._suggested))
        self._levels, self._suggested = [], []
        return counts

    def _nutrient(self, advice: Advice) -> tuple[int, str, Any] | None:
        if not advice.nutrients:
            return None
        (suggestion,) = advice.nutrients
        # one number that sorts by support, and ties in the order of the nutrients; no two nutrients have the same
        key = self._place[suggestion.id] - suggestion.support * len(self._place)
        return key, suggestion.id, self._makers.nutrient(suggestion)

    def _reasons(self, advice: Advice) -> tuple[int, list[Any]]:
        return LEVELS.index(advice.care.level), [self._makers.care(reason) for reason in advice.care.items]

    def _steps(self, advice: Advice) -> tuple[Any, ...]:
        return tuple(self._makers.step(step) for step in advice.trace) if self._makers.step else ()


_NUTRIENT: Final[tuple[FactKind | ConclusionKind, ...]] = ("suggested", "supports")


def _sliced(table: Table[T]) -> tuple[int, Table[T]]:
    return table.slice, table
