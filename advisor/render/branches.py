"""Reasoning in words: proofs as branching steps, from which text, pages and graphs are made alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from advisor.model.facts import Concluded
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning.explain import Why
from advisor.reasoning.proofs import Proof
from advisor.render import phrases

ABOVE: Final = "as explained above"
BELOW: Final = "as explained below"

# What is explained elsewhere, each with where; it is only named then
Explained: TypeAlias = dict[Concluded, str]


class Place(msgspec.Struct, frozen=True):
    """A passage in words."""

    source: str  # its id
    place: str  # in it


class Branch(msgspec.Struct, frozen=True):
    """A step of the reasoning with those it rests on."""

    said: str
    key: Hashable  # the same for the same thing wherever it stands; a graph shows it once
    remark: str = ""  # where it comes from, or where it is explained
    elsewhere: bool = False  # whether the remark is on where it is explained
    reason: str = ""
    interpreted: bool = False  # whether the reason is our reading of the sources
    rule: str = ""
    places: tuple[Place, ...] = ()  # where in the sources it stands
    branches: tuple[Branch, ...] = ()
    named: tuple[Branch, ...] = ()  # what the remark names as its grounds: a graph draws them, a text has said them
    unnamed: bool = False  # one of several proofs of the branch above, which says what it is about
    leads: bool = True  # whether the branch above follows from it; what only adds weight does not lead to it

    @property
    def text(self) -> str:
        """What is said, with the remark behind it."""
        return f"{self.said} ({self.remark})" if self.remark else self.said

    @property
    def grounds(self) -> tuple[Branch, ...]:
        """All that it rests on."""
        return (*self.branches, *self.named)


class Section(msgspec.Struct, frozen=True):
    """One question and its answer."""

    heading: str
    text: str
    branches: tuple[Branch, ...]
    # what the branches are: proofs of what they name; ways, whose own branches are the rules that would fit; changes
    kind: Literal["proofs", "ways", "changes"] = "proofs"


def tree(why: Why, knowledge: Knowledge, explained: Explained) -> Branch:
    """Put the proof of a conclusion into words, with what adds weight to it.

    What is explained here is added to `explained`.
    """
    if not why.supports:
        return branch(why.proof, knowledge, explained)
    explained[why.of] = ABOVE
    proofs = why.proof.premises if why.proof.basis == "any" else (why.proof,)
    branches = [_one_proof(proof, knowledge, explained) for proof in proofs]
    weight = tuple(_one_proof(support, knowledge, explained) for support in why.supports)
    name = phrases.nutrient(knowledge, why.of.id)
    branches.append(Branch(f"What adds weight to {name}", (why.of, "weight"), branches=weight, leads=False))
    return Branch(_said(knowledge, why.of), why.of, branches=tuple(branches))


def branch(proof: Proof, knowledge: Knowledge, explained: Explained) -> Branch:
    """Put a proof into words. What is explained here is added to `explained`."""
    said = _said(knowledge, proof.of)
    if proof.basis == "reported":
        return Branch(said, proof.of, "reported")
    if proof.basis == "implied":
        return Branch(said, proof.of, _follows(proof, knowledge), named=_named(proof, knowledge))
    if proof.of in explained:
        return Branch(said, proof.of, explained[proof.of], elsewhere=True)
    explained[proof.of] = ABOVE
    if proof.basis == "any":
        branches = tuple(_one_proof(inner, knowledge, explained) for inner in proof.premises)
        return Branch(said, proof.of, branches=branches)
    return _proved(proof, knowledge, explained, said, proof.of)


def rules(names: Iterable[str], knowledge: Knowledge, how: str) -> tuple[Branch, ...]:
    """Return what rules say, each behind a word or two on how they come in."""
    found = (knowledge.rule[name] for name in names)
    return tuple(
        Branch(f"{how}: {_reason(rule)}", ("rule", rule.id), interpreted=rule.basis == "interpreted", rule=rule.id)
        for rule in found
    )


def all_branches(branches: Iterable[Branch]) -> Iterator[Branch]:
    """Yield branches and all that they rest on."""
    for one in branches:
        yield one
        yield from all_branches(one.grounds)


def in_sections(sections: Iterable[Section]) -> Iterator[Branch]:
    """Yield all branches of some sections."""
    return all_branches(one for part in sections for one in part.branches)


def legend(sections: Iterable[Section]) -> str:
    """Return what the mark for our reading means, if it stands in these sections."""
    return phrases.OUR_READING if any(one.interpreted for one in in_sections(sections)) else ""


def _one_proof(proof: Proof, knowledge: Knowledge, explained: Explained) -> Branch:
    """Return one of several proofs of something, which need not be named again."""
    if proof.basis == "reported":
        return Branch("Reported", (proof.of, "reported"))
    if proof.basis == "implied":
        said = phrases.capital(_follows(proof, knowledge))
        return Branch(said, (proof.of, "implied"), named=_named(proof, knowledge))
    key = (proof.rule, tuple(inner.of for inner in proof.premises))
    return msgspec.structs.replace(_proved(proof, knowledge, explained, "Reason", key), unnamed=True)


def _proved(proof: Proof, knowledge: Knowledge, explained: Explained, said: str, key: Hashable) -> Branch:
    rule = knowledge.rule[proof.rule or ""]
    cited = (knowledge.passage[name] for name in proof.source)
    return Branch(
        said,
        key,
        reason=_reason(rule),
        interpreted=rule.basis == "interpreted",
        rule=rule.id,
        places=tuple(Place(source.id, phrases.lower_first(passage.place)) for source, passage in cited),
        branches=tuple(branch(inner, knowledge, explained) for inner in proof.premises),
    )


def _follows(proof: Proof, knowledge: Knowledge) -> str:
    """Return what an implied finding follows from."""
    return f"follows from: {'; '.join(phrases.concluded(knowledge, inner.of) for inner in proof.premises)}"


def _named(proof: Proof, knowledge: Knowledge) -> tuple[Branch, ...]:
    return tuple(branch(inner, knowledge, {}) for inner in proof.premises)


def _reason(rule: Rule) -> str:
    return phrases.reason(rule.rationale, rule.basis)


def _said(knowledge: Knowledge, of: Concluded) -> str:
    return phrases.capital(phrases.concluded(knowledge, of))
