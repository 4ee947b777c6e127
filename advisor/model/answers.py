"""What one person answered, as a value. How answers are read and checked is for `advisor.source.symptom_file`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.model import facts
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer


class Answers(msgspec.Struct, frozen=True):
    """One case: its name and what was answered, in vocabulary order; what is unknown is left out."""

    case: str
    given: dict[str, Answer]

    def facts(self, tests: Iterable[Fact]) -> dict[Fact, str]:
        """Return the facts that were reported, each with the finding that says so.

        There is one for each yes, one for each confirmed deficiency, and those of `tests` (the tests of numbers that
        rules use) that hold.
        """
        reported: dict[Fact, str] = {}
        for name, answer in self.given.items():
            if answer is True:
                reported[facts.reported(name)] = name
            elif isinstance(answer, tuple):
                reported.update((facts.confirmed(nutrient), name) for nutrient in answer)
        for test in tests:
            number = self.given.get(test.id)
            if isinstance(number, int) and not isinstance(number, bool) and test.holds_for(number):
                reported[test] = test.id
        return reported
