"""Proofs: why a fact or a conclusion holds in one case, back to what was reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from advisor.engine.firings import Firing
from advisor.model.facts import Concluded, Fact

ProofBasis: TypeAlias = Literal["reported", "stated", "interpreted", "any"]


class Proof(msgspec.Struct, frozen=True):
    """Why something holds: it was reported, or a rule concludes it from facts that hold, or any of several proofs."""

    of: Concluded
    rule: str | None
    premises: tuple[Proof, ...]  # of a rule: proofs of its premises; of `any`: proofs each of which is enough
    basis: ProofBasis
    source: tuple[str, ...]  # passages


class Proofs:
    """The proofs of what holds in one case, each made when it is first asked for."""

    def __init__(self, reported: Mapping[Fact, str], firings: Iterable[Firing]) -> None:
        self._reported = reported
        self._firings: dict[Concluded, list[Firing]] = {}
        for firing in firings:
            self._firings.setdefault(firing.rule.concludes, []).append(firing)
        self._made: dict[Concluded, Proof | None] = {}

    def of(self, wanted: Concluded) -> Proof | None:
        """Return the proof of a fact or conclusion, or None where it does not hold."""
        if wanted not in self._made:
            proofs = list(self.concluding(wanted))
            if wanted in self._reported:
                proofs.insert(0, Proof(wanted, None, (), "reported", ()))
            several = len(proofs) > 1
            self._made[wanted] = Proof(wanted, None, tuple(proofs), "any", ()) if several else next(iter(proofs), None)
        return self._made[wanted]

    def concluding(self, wanted: Concluded) -> tuple[Proof, ...]:
        """Return a proof for each match of a rule that concludes this."""
        return tuple(
            Proof(
                wanted,
                firing.rule.id,
                tuple(proof for premise in firing.premises if (proof := self.of(premise))),
                firing.rule.basis,
                firing.rule.source,
            )
            for firing in self._firings.get(wanted, ())
        )


def leaves_of(proof: Proof) -> Iterator[Fact]:
    """Yield the facts that were reported on which a proof rests."""
    if proof.basis == "reported" and isinstance(proof.of, Fact):
        yield proof.of
    for inner in proof.premises:
        yield from leaves_of(inner)


def rules_in(proof: Proof) -> Iterator[str]:
    """Yield the ids of the rules in a proof."""
    if proof.rule:
        yield proof.rule
    for inner in proof.premises:
        yield from rules_in(inner)
