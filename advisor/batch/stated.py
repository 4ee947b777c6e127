"""What a person said of implied findings and of pressing warning signs, as bits.

Facts do not tell it: a fact holds whether it was said or is implied, and that a sign was denied is no fact at all. So
there are bits of their own, for just the answers on which `implied` and `unanswered` of a result depend. With

    0b0001 yes to cramps_at_night    0b0010 yes to muscle_cramps    0b0100 yes or no to stroke_signs

the answers {cramps_at_night: yes, stroke_signs: no} are 0b0101: muscle cramps are implied, no sign is unanswered.
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Knowledge
from advisor.reasoning.slices import union


class Stated:
    """The bits of one vocabulary."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Give each answer that matters its bit."""
        self._knowledge = knowledge
        said = [name for name in knowledge.finding if knowledge.implied[name] or knowledge.implied_by[name]]
        self._said = {name: 1 << place for place, name in enumerate(said)}
        self._answered = {name: 1 << place for place, name in enumerate(knowledge.pressing_signs, len(said))}
        names = knowledge.finding
        self.yes = {name: self._said.get(name, 0) | self._answered.get(name, 0) for name in names}
        self.no = {name: self._answered.get(name, 0) for name in names}
        self.said = union(self._said.values())  # the bits on which `implied` depends
        implied = {name for sign in self._answered for name in (sign, *knowledge.implied_by[sign])}
        # and those on which `unanswered` does
        self.answered = union(self._answered.values()) | union(self._said.get(name, 0) for name in implied)

    def of(self, given: Mapping[str, Answer]) -> int:
        """Return the bits of some answers."""
        return union(
            self.yes[name] if answer is True else self.no[name] if answer is False else 0
            for name, answer in given.items()
        )

    def implied(self, stated: int) -> tuple[str, ...]:
        """Return the findings that hold by implication and were not answered yes, in vocabulary order."""
        given: dict[str, Answer] = {name: True for name, bit in self._said.items() if stated & bit}
        return Answers("", given).implied(self._knowledge)

    def unanswered(self, stated: int) -> tuple[str, ...]:
        """Return the pressing warning signs that were answered neither yes nor no, in vocabulary order.

        A sign that is implied by another counts as answered.
        """
        given: dict[str, Answer] = {name: False for name, bit in self._answered.items() if stated & bit}
        given |= {name: True for name, bit in self._said.items() if stated & bit}
        return Answers("", given).unanswered(self._knowledge)
