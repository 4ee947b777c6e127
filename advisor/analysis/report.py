"""What `check` reports, as plain data."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.diagnostics import Diagnostic


class Verdict(msgspec.Struct, frozen=True):
    """What trying one invariant showed."""

    id: str
    text: str
    patterns: int  # how many were tried
    proved: bool  # whether every pattern there is was tried, and it held for each
    counterexample: dict[str, Any] | None  # a symptom file for which it does not hold, with as few answers as possible


class Counts(msgspec.Struct, frozen=True):
    """How many passages are cited or have a reason why not, and how many rules have examples."""

    passages: int = 0
    used: int = 0
    background: int = 0
    rules: int = 0
    rules_with_examples: int = 0


class CapacityUsed(msgspec.Struct, frozen=True):
    """How much of one limit of the rule engine the rules use."""

    limit: str
    used: int
    most: int


class Report(msgspec.Struct, frozen=True):
    """Everything that one run of `check` found."""

    diagnostics: tuple[Diagnostic, ...]  # by place
    verdicts: tuple[Verdict, ...] = ()
    counts: Counts = Counts()
    capacity: tuple[CapacityUsed, ...] = ()

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """What has to be mended."""
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the author should know and may leave as it is."""
        return tuple(one for one in self.diagnostics if one.severity == "warning")
