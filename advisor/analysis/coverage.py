"""What became of the sources, and what of the rules given cases use: passage by passage, rule by rule.

Reads the files of cases; everything else is a function of the knowledge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from advisor.batch import sources
from advisor.batch.mapper import ChunkReader, Reject
from advisor.engine.durable import Engine
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices


class PassageUse(msgspec.Struct, frozen=True):
    """A passage, and what it became."""

    id: str
    source: str  # its title
    place: str
    used_by: tuple[str, ...]  # rules and texts: `rule:<id>`, `nutrient:<id>`, ...
    background: str | None  # why nothing uses it, where nothing does


class Use(msgspec.Struct, frozen=True):
    """In how many cases a rule fired, or a finding was reported."""

    id: str
    cases: int


class Coverage(msgspec.Struct, frozen=True):
    """Passages with what they became; and where cases were given, how they use rules and findings."""

    passages: tuple[PassageUse, ...]
    cases: int
    rejected: int  # records that are no case
    rules: tuple[Use, ...]
    findings: tuple[Use, ...]


def coverage(knowledge: Knowledge, paths: Sequence[str] = ()) -> Coverage:
    """Return what became of every passage, and how the cases in these files and folders use the rules.

    Raises DocumentError where a file cannot be read, EngineError where the rule engine cannot be used.
    """
    citing: dict[str, list[str]] = {}
    for user, names in knowledge.citations():
        for name in names:
            citing.setdefault(name, []).append(user)
    passages = tuple(
        PassageUse(name, source.title, passage.place, tuple(dict.fromkeys(citing.get(name, ()))), passage.background)
        for name, (source, passage) in knowledge.passage.items()
    )
    fired, reported = Counter[str](), Counter[str]()
    cases = rejected = 0
    if paths:
        slices = Slices(knowledge, Engine(knowledge.rules).fire)
        found = sources.find(paths, knowledge.finding, keep=True, outputs=())
        extra = dict.fromkeys(c for source in found.sources for c in source.columns if c not in knowledge.finding)
        extra.pop("case", None)
        read = ChunkReader(slices, tuple(extra))
        for item in (item for chunk in sources.read(found) for item in read(chunk)):
            if isinstance(item, Reject):
                rejected += 1
                continue
            cases += 1
            fired.update({firing.rule.id for firing in slices.firings(knowledge.rules, item.case.facts)})
            reported.update(name for name, answer in item.case.given.items() if answer is not False and answer != ())
    return Coverage(
        passages,
        cases,
        rejected,
        tuple(Use(rule, fired[rule]) for rule in knowledge.rule),
        tuple(Use(finding, reported[finding]) for finding in knowledge.finding),
    )
