"""A rule-based advisor: from reported symptoms to possible nutrients to discuss with a doctor.

    import advisor

    advising = advisor.load()
    advice = advising.advise({"cramps_at_night": True, "age": 70})
    for nutrient in advice.nutrients:
        print(nutrient.rank, nutrient.name, nutrient.matched)

It never diagnoses and never names a dose. `Advisor` is the whole of it; the modules behind it go one way: documents,
knowledge and answers, engine, advice, rendering.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from advisor.diagnostics import AdvisorError, DocumentError, EngineError, Problem
from advisor.engine.durable import Engine, Firing
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge
from advisor.reasoning.advice import Advice, advise, to_json
from advisor.source import loader, symptom_file

__version__ = "0.1.0"
__all__ = [
    "Advice",
    "Advisor",
    "AdvisorError",
    "Answers",
    "DocumentError",
    "EngineError",
    "Knowledge",
    "Problem",
    "load",
    "to_json",
]


def load(knowledge: Path | str | None = None, rules: Path | str | None = None) -> Advisor:
    """Load knowledge and rules, from the given folders or those that ship with the package.

    Raises DocumentError with every fault in them.
    """
    return Advisor(loader.load(knowledge, rules))


class Advisor:
    """Knowledge with its rules compiled, ready for any number of cases."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def advise(self, findings: object, case: str = "case") -> Advice:
        """Return the advice for findings: an `Answers`, a mapping of id to answer, or a list of ids (all yes).

        Answers are True or False (or "yes", "no", "unknown"), a whole number for a finding of kind `number`, a list of
        nutrient ids for a list. Raises DocumentError where an answer is not one, EngineError where the rule engine
        cannot be used.
        """
        checked = findings if isinstance(findings, Answers) else symptom_file.of(findings, self.knowledge, case)
        return advise(self.knowledge, checked, self.firings(checked))

    def firings(self, answers: Answers) -> tuple[Firing, ...]:
        """Return what fires for the answers, in firing order. Raises EngineError where the engine cannot be used."""
        return self._engine.fire(answers.facts(self.knowledge.tests))

    def advise_file(self, path: Path | str) -> Advice:
        """Return the advice for a symptom file; `-` reads standard input. Raises as `advise` does."""
        return self.advise(symptom_file.read(path, self.knowledge))

    @cached_property
    def _engine(self) -> Engine:
        # Built on first use: listing findings or rules needs no engine
        return Engine(self.knowledge.rules)
