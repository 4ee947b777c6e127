"""Everything that follows for one case: the answers, what fired, and what is made of both."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from advisor.engine.firings import Firing
from advisor.model.answers import Answers
from advisor.model.facts import Fact
from advisor.model.knowledge import Knowledge
from advisor.reasoning.advice import Advice, advise

# What only explanations need is imported where it is asked for: most cases are only advised on
if TYPE_CHECKING:
    from advisor.engine.closure import Closure
    from advisor.reasoning.proofs import Proofs
    from advisor.reasoning.support_sets import SupportSets


class Conclusions(msgspec.Struct, frozen=True, dict=True):
    """One case after the engine has run. Its parts are made when they are first asked for, and kept."""

    knowledge: Knowledge
    answers: Answers
    firings: tuple[Firing, ...]  # in firing order

    @cached_property
    def advice(self) -> Advice:
        """What the advisor has to say about the case."""
        return advise(self.knowledge, self.answers, self.firings)

    @property
    def all_clear(self) -> bool:
        """Whether no reason to seek care came up and every pressing warning sign was answered no.

        An all-clear for less would be one for what was never asked.
        """
        return self.advice.care.level == "none" and self.answers.denies_pressing_signs(self.knowledge)

    @cached_property
    def reported(self) -> dict[Fact, str]:
        """The facts that were reported, each with the finding that says so."""
        return self.answers.facts(self.knowledge)

    @cached_property
    def proofs(self) -> Proofs:
        """Why each thing that holds does."""
        from advisor.reasoning.proofs import Proofs

        return Proofs(self.knowledge, self.answers, self.firings)

    @cached_property
    def support_sets(self) -> SupportSets:
        """From which reported facts each conclusion would follow."""
        from advisor.reasoning.support_sets import SupportSets

        return SupportSets(self.knowledge)

    @cached_property
    def closure(self) -> Closure:
        """The naive engine, which follows suppositions without a run of the engine that advises."""
        from advisor.engine.closure import Closure

        return Closure(self.knowledge.rules)
