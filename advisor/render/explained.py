"""Explanations in words: sections of branching steps, from which text, pages and graphs are made alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from advisor.explain import Change, Proof, Way, WhatIf, Why, WhyNot
from advisor.knowledge import Answer, Knowledge
from advisor.render import words

_BASES = {"stated": "stated", "interpreted": "our reading"}
WAIT = "This can wait until you have been seen."


class Place(msgspec.Struct, frozen=True):
    """A passage in words."""

    title: str  # of the source
    place: str  # in it

    def __str__(self) -> str:
        return f"{self.title}: {self.place}"


class Branch(msgspec.Struct, frozen=True):
    """A step of the reasoning with those it rests on."""

    text: str
    key: str  # the same for the same thing wherever it stands; a graph shows it once
    reason: str = ""
    rule: str = ""
    places: tuple[Place, ...] = ()  # where in the sources it stands
    branches: tuple[Branch, ...] = ()


class Section(msgspec.Struct, frozen=True):
    """One question and its answer."""

    heading: str
    text: str
    branches: tuple[Branch, ...]


def reasoning(found: Sequence[Why], knowledge: Knowledge, pressing: bool) -> Iterator[Section]:
    """Yield the whole reasoning, parted into care, nutrients, advice and cautions.

    What is explained under one conclusion is not explained again under another.
    """
    explained: set[str] = set()
    if not found:
        yield Section("Nothing was concluded", "No rule fits what was reported.", ())
    headings = {
        "care": "Why to seek care",
        "suggested": "Why these nutrients may be worth discussing",
        "advice": "Why this may help",
        "caution": "Why to be careful",
    }
    for kind, heading in headings.items():
        branches = tuple(tree(why, knowledge, explained) for why in found if why.proof.fact.startswith(f"{kind}:"))
        if branches:
            yield Section(heading, WAIT if pressing and kind == "suggested" else "", branches)


def section(
    found: Why | WhyNot, knowledge: Knowledge, full: str, answers: Mapping[str, Answer], pressing: bool
) -> Iterator[Section]:
    """Yield why or why not something was concluded; `full` is its name in full."""
    said = _said(knowledge, full)
    wait = f"{WAIT} " if pressing and full.startswith("suggested:") else ""
    if isinstance(found, Why):
        yield Section(f"Concluded: {said}", wait, (tree(found, knowledge, set()),))
        return
    heading = f"Not concluded: {said}"
    open_ways = [way for way in found.ways if not way.answered_no]
    denied = [way for way in found.ways if way.answered_no]
    if open_ways:
        text = "Each line is one way to it: what would have to be reported as well, and the rules that would then fit."
    elif denied:
        text = "Nothing left open would lead to it, only other answers than those given:"
    else:
        text = "No answers at all lead to it."
    branches = tuple(_way_branch(way, knowledge, answers) for way in open_ways or denied)
    yield Section(heading, f"{wait}{text}", branches)
    if open_ways and denied:
        text = "These would lead to it too, but contradict what was answered:"
        yield Section("With other answers", text, tuple(_way_branch(way, knowledge, answers) for way in denied))


def what_if(found: WhatIf, knowledge: Knowledge, changed: Mapping[str, Answer | None]) -> Section:
    """Return what would change."""
    asked = "; ".join(_answered(knowledge, name, answer) for name, answer in changed.items())
    text = "" if found.changes else "Nothing would change."
    return Section(f"If it were: {asked}", text, tuple(_change(change, knowledge) for change in found.changes))


def tree(why: Why, knowledge: Knowledge, explained: set[str]) -> Branch:
    """Put the proof of a conclusion into words, with what adds weight to it.

    Facts that are among those `explained` are only named; those explained here are added to them.
    """
    if not why.supports:
        return _branch(why.proof, knowledge, explained)
    explained.add(why.proof.fact)
    ways = why.proof.because if why.proof.basis == "any" else (why.proof,)
    branches = [_way(way, knowledge, explained) for way in ways]
    branches += [_branch(support, knowledge, explained) for support in why.supports]
    return Branch(_said(knowledge, why.proof.fact), why.proof.fact, branches=tuple(branches))


def _branch(proof: Proof, knowledge: Knowledge, explained: set[str]) -> Branch:
    text = _said(knowledge, proof.fact)
    if proof.basis == "reported":
        return Branch(f"{text} (reported)", proof.fact)
    if proof.fact in explained and not proof.fact.startswith("supports:"):
        return Branch(f"{text} (as explained above)", proof.fact)
    explained.add(proof.fact)
    if proof.basis == "any":
        return Branch(text, proof.fact, branches=tuple(_way(way, knowledge, explained) for way in proof.because))
    branches = tuple(_branch(inner, knowledge, explained) for inner in proof.because)
    key = f"{proof.fact} {proof.rule}" if proof.fact.startswith("supports:") else proof.fact
    return Branch(text, key, *_grounds(proof, knowledge), branches)


def _way(proof: Proof, knowledge: Knowledge, explained: set[str]) -> Branch:
    """Return one of several proofs of a fact, which need not be named again."""
    if proof.basis == "reported":
        return Branch("Reported", f"{proof.fact} reported")
    branches = tuple(_branch(inner, knowledge, explained) for inner in proof.because)
    premises = " ".join(inner.fact for inner in proof.because)
    return Branch("By one rule", f"{proof.rule} {premises}", *_grounds(proof, knowledge), branches)


def _grounds(proof: Proof, knowledge: Knowledge) -> tuple[str, str, tuple[Place, ...]]:
    rule = knowledge.rule[proof.rule or ""]
    cited = (knowledge.passage[name] for name in proof.source)
    places = tuple(Place(source.title, words.lower_first(passage.place)) for source, passage in cited)
    return f"{rule.because} ({_BASES[rule.basis]})", rule.id, places


def _way_branch(way: Way, knowledge: Knowledge, answers: Mapping[str, Answer]) -> Branch:
    denied = [_answered(knowledge, name, answers[name]) for name in way.answered_no]
    reason = f"You answered: {'; '.join(denied)}." if denied else ""
    missing = " and ".join(words.fact(knowledge, fact) for fact in way.missing)
    rules = tuple(Branch(knowledge.rule[name].because, f"rule {name}", rule=name) for name in way.rules)
    return Branch(_capital(missing), f"way {' '.join(way.missing)}", reason, branches=rules)


def _change(change: Change, knowledge: Knowledge) -> Branch:
    rules = tuple(Branch(knowledge.rule[name].because, f"rule {name}", rule=name) for name in change.rules)
    return Branch(_changed(change, knowledge), f"change {change.kind} {change.id}", branches=rules)


def _changed(change: Change, knowledge: Knowledge) -> str:
    before, after = change.before, change.after
    if change.kind == "care_level":
        heading = {str(level.id): level.heading for level in knowledge.care_levels}
        return f"Care: {heading[str(after)]} (instead of: {heading[str(before)]})"
    if change.kind != "nutrient":
        said = words.conclusion(knowledge, f"{change.kind}:{change.id}")
        return f"Added: {said}" if after else f"No longer there: {said}"
    name = knowledge.nutrient[change.id].name
    if isinstance(before, dict) and isinstance(after, dict):
        moves = []
        if before["support"] != after["support"]:
            moves.append(f"{_count(after['support'])} instead of {before['support']}")
        if before["rank"] != after["rank"]:
            moves.append(f"place {after['rank']} instead of {before['rank']}")
        return f"{name}: {', '.join(moves)}"
    standing = after if isinstance(after, dict) else before
    assert isinstance(standing, dict)
    place = f"place {standing['rank']}, {_count(standing['support'])}"
    return f"{name} comes up ({place})" if after else f"{name} no longer comes up (it had {place})"


def _count(support: int) -> str:
    return "1 answer" if support == 1 else f"{support} answers"


def _answered(knowledge: Knowledge, name: str, answer: Answer | None) -> str:
    label = words.lower_first(knowledge.finding[name].label)
    if answer is None:
        return f"{label} unknown"
    if isinstance(answer, bool):
        return f"{label} {words.YES_NO[answer]}"
    return words.answer(knowledge, name, answer) if answer != () else f"{label} none"


def _said(knowledge: Knowledge, fact: str) -> str:
    return _capital(words.conclusion(knowledge, fact))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def all_branches(branches: Iterable[Branch]) -> Iterator[Branch]:
    """Yield branches and all that are in them."""
    for branch in branches:
        yield branch
        yield from all_branches(branch.branches)


def sources(sections: Sequence[Section]) -> list[str]:
    """Return the titles of the sources that sections name, in the order they are first named."""
    branches = all_branches(branch for part in sections for branch in part.branches)
    return list(dict.fromkeys(place.title for branch in branches for place in branch.places))


def keys(sections: Sequence[Section]) -> dict[str, Branch]:
    """Return each different thing in the sections once, by key: the branch that says most of it."""
    found: dict[str, Branch] = {}
    for branch in all_branches(branch for part in sections for branch in part.branches):
        if branch.key not in found or (branch.branches and not found[branch.key].branches):
            found[branch.key] = branch
    return found
