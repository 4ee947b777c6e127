"""What one person answered, as a value. How answers are read and checked is for `advisor.source.symptom_file`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.model.facts import Fact
from advisor.model.knowledge import Answer


class Answers(msgspec.Struct, frozen=True):
    """One case: its name and what was answered, in vocabulary order; what is unknown is left out."""

    case: str
    given: dict[str, Answer]

    def facts(self, tests: Iterable[Fact]) -> dict[str, str]:
        """Return the facts that were reported, each with the finding that says so.

        `finding:<id>` for each yes, `confirmed:<nutrient>` for each confirmed deficiency, and those of `tests` (numeric
        tests, as rules use them) that hold.
        """
        reported: dict[str, str] = {}
        for name, answer in self.given.items():
            if answer is True:
                reported[f"finding:{name}"] = name
            elif isinstance(answer, tuple):
                reported.update((f"confirmed:{nutrient}", name) for nutrient in answer)
        for test in tests:
            number = self.given.get(test.name)
            if isinstance(number, int) and not isinstance(number, bool) and test.holds_for(number):
                reported[str(test)] = test.name
        return reported
