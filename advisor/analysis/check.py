"""Checks a rule base: its faults, and whether what must hold for any answers does.

    report = check()                      # of what ships with the package
    report = check("knowledge", "rules")  # of two folders

`texts` looks at what is said, `article` and `texts.citations` at where it comes from, `rule_faults` at what the rules
do, `warning_signs` at whether what is pressing is asked for, `verify` at what must hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from advisor.analysis import article as articles
from advisor.analysis import invariants, rule_faults, texts, warning_signs
from advisor.analysis.report import Counts, Report
from advisor.analysis.verify import verify
from advisor.diagnostics import Diagnostic, KnowledgeError, Location
from advisor.engine import limits
from advisor.engine.durable import DurableEngine
from advisor.model.knowledge import Knowledge
from advisor.source import loader


def check(knowledge: Path | str | None = None, rules: Path | str | None = None, article: Path | None = None) -> Report:
    """Check a knowledge folder and a rules folder, by default those that ship with the package.

    With `article`, passages and texts are compared with that file. Raises KnowledgeError if a file or folder cannot be
    read, EngineError if the rule engine cannot be used.
    """
    source = articles.read(article) if article else None
    folders = loader.read(knowledge, rules)
    unreadable = [problem for problem in folders.problems if problem.code == "unreadable"]
    if unreadable:
        raise KnowledgeError(unreadable)
    if folders.problems:
        return Report(_sorted(folders.problems))
    found = texts.faults(folders, source)
    try:
        loaded = loader.build(folders)
        limits.require(loaded.rules)
    except KnowledgeError as error:
        return Report(_sorted([*error.diagnostics, *found]))
    engine = DurableEngine(loaded.rules)
    found += texts.citations(loaded, folders)
    found += articles.faults(loaded, folders, source) if source else ()
    found += rule_faults.faults(loaded, folders, engine)
    found += warning_signs.faults(loaded, folders)
    claimed, misstated = invariants.read(folders, loaded)
    verdicts = verify(claimed, loaded, engine)
    found += misstated
    found += [
        Diagnostic(invariant.location, "invariant", f"{verdict.id} does not hold: {verdict.text}")
        for invariant, verdict in zip(claimed, verdicts, strict=True)
        if verdict.counterexample is not None
    ]
    if not verdicts:
        message = "no invariants are stated, so nothing was proved"
        found.append(Diagnostic(Location(), "no-invariants", message, "warning"))
    return Report(_sorted(found), verdicts, _counts(loaded), rule_faults.capacity_used(loaded))


def _counts(knowledge: Knowledge) -> Counts:
    passages = [passage for _, passage in knowledge.passage.values()]
    return Counts(
        passages=len(passages),
        used=sum(bool(knowledge.cited_by[passage.id]) for passage in passages),
        background=sum(passage.background is not None for passage in passages),
        rules=len(knowledge.rules),
        rules_with_examples=sum(bool(rule.examples) for rule in knowledge.rules),
    )


def _sorted(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(set(found)))
