"""What `check` finds, as plain data: the keys of its JSON."""

from __future__ import annotations

from typing import Any

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One fault at one place."""

    code: str
    message: str
    file: str
    line: int  # from 1; 0 is the file as a whole

    def __lt__(self, other: Fault) -> bool:
        return (self.file, self.line, self.code, self.message) < (other.file, other.line, other.code, other.message)


class Proof(msgspec.Struct, frozen=True):
    """What became of one invariant."""

    id: str
    text: str
    patterns: int  # how many were tried
    proved: bool  # all there are were tried, and it held for each
    counterexample: dict[str, Any] | None  # a symptom file for which it does not hold, with as few answers as possible


class Coverage(msgspec.Struct, frozen=True):
    """How much of the sources became something, and how many rules show that they fire."""

    passages: int = 0
    used: int = 0
    background: int = 0
    rules: int = 0
    rules_with_examples: int = 0


class Room(msgspec.Struct, frozen=True):
    """How much of a limit of the rule engine is used."""

    limit: str
    used: int
    most: int


class Report(msgspec.Struct, frozen=True):
    """Everything that was found."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()
    proofs: tuple[Proof, ...] = ()
    coverage: Coverage = Coverage()
    capacity: tuple[Room, ...] = ()
