"""What became of each passage of the sources, and which rules and findings the cases of some files use.

Only the cases are read from files here; the passages are in the knowledge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from advisor.batch.reading import Reject, read_cases
from advisor.engine.durable import DurableEngine
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices


class PassageUse(msgspec.Struct, frozen=True):
    """A passage and what cites it."""

    id: str
    source: str  # its title
    place: str
    used_by: tuple[str, ...]  # rules and texts: `rule:<id>`, `nutrient:<id>`, …
    background: str | None  # why nothing cites it, if nothing does


class Use(msgspec.Struct, frozen=True):
    """In how many cases a rule fired, or a finding was reported."""

    id: str
    cases: int


class Coverage(msgspec.Struct, frozen=True):
    """How passages are used, and if cases were given, how those use rules and findings.

    The names of the fields are the keys of the JSON.
    """

    passages: tuple[PassageUse, ...]
    cases: int
    rejected: int  # records that could not be read as cases
    rules: tuple[Use, ...]
    findings: tuple[Use, ...]


def coverage(knowledge: Knowledge, paths: Sequence[str] = ()) -> Coverage:
    """Return how passages are used, and how the cases in these files and folders use rules and findings.

    Raises AnswersError if a file cannot be read, EngineError if the rule engine cannot be used.
    """
    passages = tuple(
        PassageUse(name, source.title, passage.place, knowledge.cited_by[name], passage.background)
        for name, (source, passage) in knowledge.passage.items()
    )
    fired, reported = Counter[str](), Counter[str]()
    cases = rejected = 0
    slices = Slices(knowledge, DurableEngine(knowledge.rules))
    for read in read_cases(knowledge, paths, slices) if paths else ():
        if isinstance(read, Reject):
            rejected += 1
            continue
        cases += 1
        fired.update({firing.rule.id for firing in slices.firings(knowledge.rules, read.facts)})
        reported.update(name for name, answer in read.given.items() if answer is not False and answer != ())
    return Coverage(
        passages,
        cases,
        rejected,
        tuple(Use(rule, fired[rule]) for rule in knowledge.rule),
        tuple(Use(finding, reported[finding]) for finding in knowledge.finding),
    )
