"""A rule-based advisor: from reported symptoms to possible nutrients to discuss with a doctor.

    import advisor

    app = advisor.load()
    evaluation = app.evaluate({"cramps_at_night": True, "age": 70})
    for nutrient in evaluation.advice.nutrients:
        print(nutrient.rank, nutrient.name, nutrient.matched)
    print(evaluation.why("vitamin_k2"))

It never diagnoses and never names a dose. This module is all that a program needs; the rooms behind it depend on each
other in one direction only (`docs/architecture.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.diagnostics import (
    AdvisorError,
    AnswersError,
    Diagnostic,
    EngineError,
    KnowledgeError,
    Location,
    OutputError,
)
from advisor.engine import limits
from advisor.engine.durable import DurableEngine
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge
from advisor.reasoning.advice import Advice, to_json
from advisor.reasoning.evaluation import Evaluation, evaluate
from advisor.source import symptom_file

if TYPE_CHECKING:
    from advisor.reasoning.interview import Given, Interview

__version__ = "0.1.0"
__all__ = [
    "Advice",
    "Advisor",
    "AdvisorError",
    "Answers",
    "AnswersError",
    "Diagnostic",
    "EngineError",
    "Evaluation",
    "Knowledge",
    "KnowledgeError",
    "Location",
    "OutputError",
    "load",
    "to_json",
]


def load(knowledge: Path | str | None = None, rules: Path | str | None = None) -> Advisor:
    """Load knowledge and rules, from the given folders or those that ship with the package.

    Raises KnowledgeError with every fault in them, each with its file and line.
    """
    from advisor.source import loader  # start-up time: whoever asks for help or a version needs no rules

    return Advisor(loader.load(knowledge, rules))


class Advisor:
    """Knowledge and rules, ready for any number of cases. Threads may share one."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Take validated knowledge. Raises KnowledgeError where the rules are more than the engine can hold."""
        limits.require(knowledge.rules)
        self.knowledge = knowledge

    def evaluate(self, findings: object, case: str = "case") -> Evaluation:
        """Evaluate findings: an `Answers`, a mapping of id to answer, or a list of ids (all yes). Runs the engine once.

        Answers are True or False (or "yes", "no", "unknown"), a whole number for a finding of kind `number`, a list of
        nutrient ids for a list. Raises AnswersError where an answer is not one, EngineError where the rule engine
        cannot be used.
        """
        answers = findings if isinstance(findings, Answers) else symptom_file.of(findings, self.knowledge, case)
        return evaluate(self.knowledge, answers, self._engine)

    def evaluate_file(self, path: Path | str) -> Evaluation:
        """Evaluate a symptom file; `-` reads standard input. Raises as `evaluate` does."""
        return self.evaluate(symptom_file.read(path, self.knowledge))

    def evaluate_many(self, cases: Iterable[object]) -> Iterator[Evaluation]:
        """Yield the evaluation of each case, in order, each when it is asked for. Raises as `evaluate` does."""
        return map(self.evaluate, cases)

    def advise(self, findings: object, case: str = "case") -> Advice:
        """Return the advice alone. Takes and raises what `evaluate` does."""
        return self.evaluate(findings, case).advice

    def interview(self, one_by_one: bool = False, start: Given | None = None) -> Interview:
        """Begin the questionnaire, or resume it from answers given before (None for those known to be unknown).

        With `one_by_one`, there are no checklists. Raises AnswersError where `start` holds what is not an answer.
        """
        from advisor.reasoning.interview import Interview

        return Interview(self.knowledge, one_by_one, start)

    @cached_property
    def _engine(self) -> DurableEngine:
        # Built on first use: listing findings or rules needs no engine
        return DurableEngine(self.knowledge.rules)
