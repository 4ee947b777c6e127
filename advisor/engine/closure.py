"""The naive engine: everything that follows from some facts, found by going once through the rules.

Rules stand in firing order, each after those that conclude its premises, so once is enough. The firings are the same as
those of durable-rules (`tests/test_engine.py` compares them), at a fraction of the time. It does not advise: it plans
questions (`advisor.reasoning.interview`) and follows suppositions (`advisor.reasoning.explain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from advisor.engine.firings import Firing
from advisor.model.facts import Fact
from advisor.model.knowledge import Rule


class Closure:
    """Rules in firing order, evaluated one after the other."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        # per rule: the fact it adds, if any, and its alternatives as sets and as written
        self._rules = [
            (
                rule,
                rule.concludes if isinstance(rule.concludes, Fact) else None,
                [(frozenset(written), written) for written in rule.alternatives],
            )
            for rule in rules
        ]

    def fire(self, reported: Iterable[Fact]) -> tuple[Firing, ...]:
        """Return every firing, in the order of the rules."""
        holding = set(reported)
        fired: list[Firing] = []
        for rule, added, alternatives in self._rules:
            matched = [Firing(rule, written) for premises, written in alternatives if premises <= holding]
            if matched and added:
                holding.add(added)
            fired += matched
        return tuple(fired)

    def follow(self, reported: Iterable[Fact]) -> set[Fact]:
        """Return these facts and all that follow from them."""
        holding = set(reported)
        for _, added, alternatives in self._rules:
            if added and added not in holding and any(premises <= holding for premises, _ in alternatives):
                holding.add(added)
        return holding
