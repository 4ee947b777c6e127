"""One case, evaluated: the answers, everything that fired, and all that can be said of it.

    evaluation = advisor.load().evaluate({"cramps_at_night": True})   # the rule engine runs here, once
    evaluation.advice                                                 # the result, as in the JSON contract
    evaluation.why("vitamin_k2"), evaluation.why_not("vitamin_b6")
    evaluation.what_if({"age": 70})                                   # the engine runs a second time

An evaluation is the object that is handed on: to renderings, to explanations, to a program that embeds the advisor.
Nothing that has it needs the advisor or the engine any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from advisor.engine.firings import Engine
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Knowledge
from advisor.reasoning.conclusions import Conclusions
from advisor.source import symptom_file

# Explanations are imported where they are asked for: most cases are only advised on, and start-up time counts
if TYPE_CHECKING:
    from advisor.reasoning.explain import WhatIf, Why, WhyNot
    from advisor.reasoning.proofs import Proof


class Evaluation(Conclusions, frozen=True, dict=True):
    """What follows for one case, and answers to questions about it."""

    engine: Engine  # for suppositions alone

    @cached_property
    def reasoning(self) -> tuple[Why, ...]:
        """Why each thing that was concluded and is shown holds: care, nutrients by rank, advice, cautions."""
        from advisor.reasoning import explain

        return explain.reasoning(self)

    @cached_property
    def loose_ends(self) -> tuple[Proof, ...]:
        """The proofs of what was derived on the way and then led to nothing that is shown."""
        from advisor.reasoning import explain

        return explain.loose_ends(self, self.reasoning)

    def why(self, name: str) -> Why | WhyNot:
        """Return why a conclusion holds; where it does not, why not. Raises AdvisorError for an unknown name."""
        from advisor.reasoning import explain

        return explain.why(self, explain.resolve(self.knowledge, name))

    def why_not(self, name: str) -> Why | WhyNot:
        """Return what would have to be answered for a conclusion to hold; where it holds, why.

        Raises AdvisorError for an unknown name, and where there are more ways than anybody could read.
        """
        from advisor.reasoning import explain

        return explain.why_not(self, explain.resolve(self.knowledge, name))

    def what_if(self, changed: Mapping[str, Answer | None] | Sequence[str]) -> WhatIf:
        """Return what these other answers would change (None: no answer). Raises what `supposing` does."""
        from advisor.reasoning import explain

        return explain.what_if(self, self.supposing(changed))

    def supposing(self, changed: Mapping[str, Answer | None] | Sequence[str]) -> Evaluation:
        """Return the evaluation of the answers with some of them given otherwise (None: not at all).

        This runs the engine. Raises AnswersError where a change is not an answer, EngineError where the engine does not
        carry the case through.
        """
        from advisor.reasoning import explain

        stated: object = changed  # a list of findings is all yes, as everywhere
        if isinstance(changed, Mapping):
            stated = {name: "unknown" if answer is None else answer for name, answer in changed.items()}
        checked = symptom_file.of(stated, self.knowledge).given
        answers = explain.altered(self.knowledge, self.answers, {name: checked.get(name) for name in changed})
        return evaluate(self.knowledge, answers, self.engine)


def evaluate(knowledge: Knowledge, answers: Answers, engine: Engine) -> Evaluation:
    """Put one case to the engine. Raises EngineError where it does not carry the case through."""
    return Evaluation(knowledge, answers, engine.fire(answers.facts(knowledge)), engine)


class Questions(msgspec.Struct, frozen=True):
    """What is to be explained; everything where nothing is named."""

    why: tuple[str, ...] = ()
    why_not: tuple[str, ...] = ()
    what_if: Mapping[str, Answer | None] = {}


class Asked(msgspec.Struct, frozen=True):
    """One question about a conclusion, with its answer, which is the other kind where the question did not fit."""

    question: Literal["why", "why_not"]
    found: Why | WhyNot


class Explanation(msgspec.Struct, frozen=True):
    """The answers to some questions about one case. Where nothing in particular was asked, all of it is to be told."""

    evaluation: Evaluation
    asked: tuple[Asked, ...] = ()
    changed: Mapping[str, Answer | None] = {}
    supposed: Evaluation | None = None  # the case with these other answers
    what_if: WhatIf | None = None

    @property
    def whole(self) -> bool:
        """Whether all of the reasoning is to be told."""
        return not self.asked and self.what_if is None


def explanation(evaluation: Evaluation, questions: Questions) -> Explanation:
    """Answer questions about a case. Raises AdvisorError where one names nothing known."""
    from advisor.reasoning import explain

    asked = [Asked("why", evaluation.why(name)) for name in questions.why]
    asked += [Asked("why_not", evaluation.why_not(name)) for name in questions.why_not]
    if not questions.what_if:
        return Explanation(evaluation, tuple(asked))
    supposed = evaluation.supposing(questions.what_if)
    return Explanation(evaluation, tuple(asked), questions.what_if, supposed, explain.what_if(evaluation, supposed))
