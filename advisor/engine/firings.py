"""What an engine is asked and what it answers: facts that were reported in, firings out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from advisor.model.conditions import Alternative
from advisor.model.facts import Fact
from advisor.model.knowledge import Rule


class Firing(msgspec.Struct, frozen=True):
    """One match of one rule: the facts, in the order its alternative names them, that made it conclude something."""

    rule: Rule
    premises: Alternative


class Engine(Protocol):
    """Rules, ready to be put any number of cases.

    `advisor.engine.durable` is the one that advises. `advisor.engine.closure` gives the same firings, far faster and
    with nothing between it and the rules but a few lines of Python; questions are planned and suppositions followed
    with it, and the tests hold each against the other.
    """

    def fire(self, reported: Iterable[Fact]) -> tuple[Firing, ...]:
        """Return everything that fires when these facts were reported, in the order of the rules."""
