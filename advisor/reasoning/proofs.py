"""Proofs: why a fact or a conclusion holds in one case, back to what was reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

from advisor.engine.firings import Firing
from advisor.model.answers import Answers
from advisor.model.facts import Concluded, Fact, reported
from advisor.model.knowledge import Knowledge

ProofBasis: TypeAlias = Literal["reported", "implied", "stated", "interpreted", "any"]


class Proof(msgspec.Struct, frozen=True):
    """Why something holds: it was reported or is implied, a rule concludes it, or any of several proofs."""

    of: Concluded
    rule: str | None
    # of a rule: proofs of its premises; of what is implied: of what implies it; of `any`: each of them is enough
    premises: tuple[Proof, ...]
    basis: ProofBasis
    source: tuple[str, ...]  # passages


class Proofs:
    """The proofs of what holds in one case, each made when it is first asked for."""

    def __init__(self, knowledge: Knowledge, answers: Answers, firings: Iterable[Firing]) -> None:
        self._knowledge, self._given = knowledge, answers.given
        self._reported = answers.facts(knowledge)
        self._firings: dict[Concluded, list[Firing]] = {}
        for firing in firings:
            self._firings.setdefault(firing.rule.concludes, []).append(firing)
        self._made: dict[Concluded, Proof | None] = {}

    def of(self, wanted: Concluded) -> Proof | None:
        """Return the proof of a fact or conclusion, or None where it does not hold."""
        if wanted not in self._made:
            proofs = list(self.concluding(wanted))
            if isinstance(wanted, Fact) and wanted in self._reported:
                proofs.insert(0, self._said(wanted))
            several = len(proofs) > 1
            self._made[wanted] = Proof(wanted, None, tuple(proofs), "any", ()) if several else next(iter(proofs), None)
        return self._made[wanted]

    def _said(self, fact: Fact) -> Proof:
        """Return the proof of a fact that a person said, in so many words or by implication."""
        if fact.kind == "finding" and not fact.is_test and self._given.get(fact.id) is not True:
            implying = (name for name in self._knowledge.implied_by[fact.id] if self._given.get(name) is True)
            said = tuple(Proof(reported(name), None, (), "reported", ()) for name in implying)
            return Proof(fact, None, said, "implied", ())
        return Proof(fact, None, (), "reported", ())

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
