"""One case, evaluated: the answers, everything that fired, and all that can be said of it.

    evaluation = advisor.load().evaluate({"cramps_at_night": True})   # the rule engine runs here, once
    evaluation.advice                                                 # the result, as in the JSON contract
    evaluation.why("vitamin_k2"), evaluation.why_not("vitamin_b6")
    evaluation.what_if({"age": 70})                                   # the engine runs a second time

An evaluation is the object that is handed on: to renderings, to explanations, to a program that embeds the advisor.
Nothing that has it needs the advisor or the engine any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from advisor.engine.closure import Closure
from advisor.engine.firings import Engine, Firing
from advisor.model.answers import Answers
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer, Knowledge
from advisor.reasoning import explain
from advisor.reasoning.advice import Advice, advise
from advisor.reasoning.explain import WhatIf, Why, WhyNot
from advisor.reasoning.proofs import Proof, Proofs
from advisor.reasoning.support_sets import SupportSets
from advisor.source import symptom_file


class Evaluation(msgspec.Struct, frozen=True, dict=True):
    """One case after the engine has run. Its parts are made when they are first asked for, and kept."""

    knowledge: Knowledge
    answers: Answers
    firings: tuple[Firing, ...]  # in firing order
    engine: Engine  # for suppositions alone

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
        return Proofs(self.knowledge, self.answers, self.firings)

    @cached_property
    def reasoning(self) -> tuple[Why, ...]:
        """Why each thing that was concluded and is shown holds: care, nutrients by rank, advice, cautions."""
        return explain.reasoning(self)

    @cached_property
    def loose_ends(self) -> tuple[Proof, ...]:
        """The proofs of what was derived on the way and then led to nothing that is shown."""
        return explain.loose_ends(self)

    @cached_property
    def support_sets(self) -> SupportSets:
        """From which reported facts each conclusion would follow."""
        return SupportSets(self.knowledge)

    @cached_property
    def closure(self) -> Closure:
        """The naive engine, which follows suppositions without a run of the engine that advises."""
        return Closure(self.knowledge.rules)

    def why(self, name: str) -> Why | WhyNot:
        """Return why a conclusion holds; where it does not, why not. Raises AdvisorError for an unknown name."""
        return explain.why(self, explain.resolve(self.knowledge, name))

    def why_not(self, name: str) -> Why | WhyNot:
        """Return what would have to be answered for a conclusion to hold; where it holds, why.

        Raises AdvisorError for an unknown name, and where there are more ways than anybody could read.
        """
        return explain.why_not(self, explain.resolve(self.knowledge, name))

    def what_if(self, changed: Mapping[str, Answer | None]) -> WhatIf:
        """Return what would change if these findings were answered so (None: not at all)."""
        return explain.what_if(self, self.supposing(changed))

    def supposing(self, changed: Mapping[str, Answer | None]) -> Evaluation:
        """Return the evaluation of the answers with some of them given otherwise (None: not at all).

        This runs the engine. Raises AnswersError where a change is not an answer, EngineError where the engine does not
        carry the case through.
        """
        stated = {name: "unknown" if answer is None else answer for name, answer in changed.items()}
        checked = symptom_file.of(stated, self.knowledge).given
        answers = explain.altered(self.knowledge, self.answers, {name: checked.get(name) for name in changed})
        return evaluate(self.knowledge, answers, self.engine)


def evaluate(knowledge: Knowledge, answers: Answers, engine: Engine) -> Evaluation:
    """Put one case to the engine. Raises EngineError where it does not carry the case through."""
    return Evaluation(knowledge, answers, engine.fire(answers.facts(knowledge)), engine)
