"""What one person answered, as a value. How answers are read and checked is for `advisor.source.symptom_file`."""

from __future__ import annotations

import msgspec

from advisor.model import facts
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer, Knowledge


class Answers(msgspec.Struct, frozen=True):
    """One case: its name and what was answered, in vocabulary order; what is unknown is left out."""

    case: str
    given: dict[str, Answer]

    def holding(self, knowledge: Knowledge) -> set[str]:
        """Return the findings that hold: those answered yes, and all that they imply, whatever was answered to that."""
        yes = [name for name, answer in self.given.items() if answer is True]
        return {*yes, *(implied for name in yes for implied in knowledge.implied[name])}

    def implied(self, knowledge: Knowledge) -> tuple[str, ...]:
        """Return the findings that hold by implication and were not answered yes, in vocabulary order."""
        holding = self.holding(knowledge)
        return tuple(name for name in knowledge.finding if name in holding and self.given.get(name) is not True)

    def facts(self, knowledge: Knowledge) -> dict[Fact, str]:
        """Return the facts that were reported, each with the finding that says so.

        There is one for each finding that holds, one for each confirmed deficiency, and the tests of numbers that rules
        use, as far as they hold.
        """
        holding = self.holding(knowledge)
        reported = {facts.reported(name): name for name in knowledge.finding if name in holding}
        for name, answer in self.given.items():
            if isinstance(answer, tuple):
                reported.update((facts.confirmed(nutrient), name) for nutrient in answer)
        for test in knowledge.tests:
            number = self.given.get(test.id)
            if isinstance(number, int) and not isinstance(number, bool) and test.holds_for(number):
                reported[test] = test.id
        return reported

    def unanswered(self, knowledge: Knowledge) -> tuple[str, ...]:
        """Return the pressing warning signs that were answered neither yes nor no, in vocabulary order."""
        holding = self.holding(knowledge)
        return tuple(name for name in knowledge.pressing_signs if name not in self.given and name not in holding)

    def denies_pressing_signs(self, knowledge: Knowledge) -> bool:
        """Tell whether every pressing warning sign was answered no, and none holds by what else was answered."""
        holding = self.holding(knowledge)
        return all(self.given.get(name) is False and name not in holding for name in knowledge.pressing_signs)
