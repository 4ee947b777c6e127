"""What tools tell of a rule base: its faults, and proofs of what must hold for any answers.

    report = check()                      # of what ships with the package
    report = check("knowledge", "rules")  # or of two folders

Each room looks at one thing: `rules` at what rules do, `texts` at what is said and where it comes from, `invariants` at
what must hold. They change nothing and print nothing.
"""

from __future__ import annotations

from pathlib import Path

from advisor.analysis import article, invariants, rule_faults, texts
from advisor.analysis.report import Coverage, Fault, Report, Room
from advisor.diagnostics import Diagnostic, DocumentError
from advisor.engine.durable import Engine
from advisor.model.knowledge import Knowledge
from advisor.source import loader


def check(
    knowledge: Path | str | None = None, rules_folder: Path | str | None = None, text: Path | None = None
) -> Report:
    """Check a knowledge folder and a rules folder, those that ship with the package by default.

    With `text`, passages and words are held against that article. Raises DocumentError where it cannot be read, and
    EngineError where the rule engine cannot be used.
    """
    source = article.read(text) if text else None
    folders = loader.read(knowledge, rules_folder)
    unreadable = [problem for problem in folders.problems if problem.message.startswith("cannot be read")]
    if unreadable:
        raise DocumentError(unreadable)
    if folders.problems:
        return Report(tuple(sorted(map(_syntax, folders.problems))))
    found = texts.faults(folders, source)
    try:
        loaded = loader.build(folders)
    except DocumentError as error:
        return Report(tuple(sorted([*map(_schema, error.diagnostics), *found])))
    engine = Engine(loaded.rules)
    found += texts.citations(loaded, folders)
    found += article.faults(loaded, folders, source) if source else []
    found += rule_faults.faults(loaded, folders, engine)
    said, broken = invariants.read(folders, loaded)
    proofs = invariants.proofs(said, loaded, engine)
    found += broken
    found += [
        Fault("invariant", f"{proof.id} does not hold: {proof.text}", *places)
        for proof, places in zip(proofs, [invariant.place for invariant in said], strict=True)
        if proof.counterexample is not None
    ]
    warnings = (
        [] if proofs else [Fault("no-invariants", "nothing is said that must hold, so nothing was proved", "", 0)]
    )
    return Report(tuple(sorted(found)), tuple(warnings), proofs, _coverage(loaded), rule_faults.room(loaded))


def _coverage(knowledge: Knowledge) -> Coverage:
    passages = [passage for _, passage in knowledge.passage.values()]
    cited = {name for _, names in knowledge.citations() for name in names}
    return Coverage(
        passages=len(passages),
        used=sum(passage.id in cited for passage in passages),
        background=sum(passage.background is not None for passage in passages),
        rules=len(knowledge.rules),
        rules_with_examples=sum(bool(rule.examples) for rule in knowledge.rules),
    )


def _syntax(problem: Diagnostic) -> Fault:
    return Fault(problem.code or "syntax", problem.message, problem.file, problem.line)


def _schema(problem: Diagnostic) -> Fault:
    return Fault(problem.code or "schema", problem.message, problem.file, problem.line)


__all__ = ["Coverage", "Fault", "Report", "Room", "check"]
