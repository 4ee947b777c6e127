"""Explanations in words: sections of branching steps, from which text, pages and graphs are made alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from advisor.model.knowledge import Answer, Knowledge, Rule
from advisor.reasoning.explain import Change, Proof, Way, WhatIf, Why, WhyNot
from advisor.render import phrases
from advisor.render.advice_view import Content

WAIT = "This can wait until you have been seen."
_BASES = {"stated": "stated", "interpreted": "our reading"}
_SHOWN = {"advice": "advice", "caution": "caution", "care": "notice to seek care"}


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
    # what the branches are: proofs of what they name; ways, whose own branches are the rules that would fit; changes
    kind: Literal["proofs", "ways", "changes"] = "proofs"


def reasoning(
    found: Sequence[Why], loose_ends: Sequence[Proof], knowledge: Knowledge, shown: Content
) -> Iterator[Section]:
    """Yield the whole reasoning, parted into care, nutrients, advice and cautions.

    What is explained under one conclusion is not explained again under another.
    """
    explained: set[str] = set()
    wait = WAIT if shown.care.pressing else ""
    headings = {
        "care": ("Why to seek care", ""),
        "suggested": ("Why these nutrients may be worth discussing", wait),
        "advice": (f"{shown.advice_heading}: why", ""),
        "caution": ("Be careful: why", ""),
    }
    for kind, (heading, text) in headings.items():
        branches = tuple(tree(why, knowledge, explained) for why in found if why.proof.fact.startswith(f"{kind}:"))
        if branches:
            yield Section(heading, text, branches)
    if not any(why.proof.fact.startswith("suggested:") for why in found):
        yield Section("No nutrient came up", f"{shown.nutrients_note} {shown.care.text or ''}".strip(), ())
    if loose_ends:
        text = "This was noted, and by itself leads to nothing."
        yield Section("Noted on the way", text, tuple(_branch(proof, knowledge, explained) for proof in loose_ends))


def section(
    found: Why | WhyNot, asked: bool, knowledge: Knowledge, full: str, answers: Mapping[str, Answer], pressing: bool
) -> Iterator[Section]:
    """Yield why (`asked`) or why not something was concluded; `full` is its name in full.

    Where the question does not fit, that is said and the other one answered.
    """
    subject = _subject(knowledge, full)
    nutrient = full.startswith("suggested:")
    wait = [WAIT] if pressing and nutrient else []
    if isinstance(found, Why):
        heading = f"{subject}: why {'it came up' if nutrient else 'it is shown'}"
        text = [] if asked else ["You asked why not, but it was concluded."]
        yield Section(heading, " ".join([*wait, *text]), (tree(found, knowledge, set()),))
        return
    heading = f"{subject}: why {'it did not come up' if nutrient else 'it is not shown'}"
    text = ["You asked why, but it was not concluded."] if asked else []
    open_ways = [way for way in found.ways if not way.answered_no and not way.contradicts]
    denied = [way for way in found.ways if way not in open_ways]
    if open_ways:
        how = "come up" if nutrient else "be shown"
        text.append(f"It would {how} if any one of the following were reported as well.")
    elif denied:
        text.append("Nothing that is still open would change that, only other answers than those given.")
    else:
        text.append("No answers at all lead to it.")
    if found.ways:
        text.append("This shows how the rules work; none of it is something to aim for.")
    branches = tuple(_way_branch(way, knowledge, answers) for way in open_ways or denied)
    yield Section(heading, " ".join([*wait, *text]), branches, "ways")
    if open_ways and denied:
        said = "These would do as well, but they contradict what was answered."
        branches = tuple(_way_branch(way, knowledge, answers) for way in denied)
        yield Section(f"{subject}: only with other answers", said, branches, "ways")


def what_if(
    found: WhatIf, knowledge: Knowledge, changed: Mapping[str, Answer | None], pressing: bool
) -> Iterator[Section]:
    """Yield what would change: care first, then the nutrients, which can wait where care is pressing, then the rest."""
    asked = "; ".join(_answered(knowledge, name, answer) for name, answer in changed.items())
    heading = f"If the answers were: {asked}"
    care = [change for change in found.changes if change.kind in ("care_level", "care")]
    nutrients = [change for change in found.changes if change.kind == "nutrient"]
    rest = [change for change in found.changes if change not in care and change not in nutrients]
    if not found.changes:
        yield Section(heading, "Nothing would change.", (), "changes")
    for part, name, text in (
        (care, "care", ""),
        (nutrients, "nutrients", WAIT if pressing else ""),
        (rest, "the rest", ""),
    ):
        if part:
            branches = tuple(_change(change, knowledge) for change in part)
            yield Section(f"{heading} – {name}", text, branches, "changes")


def tree(why: Why, knowledge: Knowledge, explained: set[str]) -> Branch:
    """Put the proof of a conclusion into words, with what adds weight to it.

    Facts that are among those `explained` are only named; those explained here are added to them.
    """
    if not why.supports:
        return _branch(why.proof, knowledge, explained)
    explained.add(why.proof.fact)
    ways = why.proof.because if why.proof.basis == "any" else (why.proof,)
    branches = [_way(way, knowledge, explained) for way in ways]
    weight = tuple(_branch(support, knowledge, explained) for support in why.supports)
    name = knowledge.nutrient[why.id.rpartition(":")[2]].name
    branches.append(Branch(f"What adds weight to {name}", f"{why.proof.fact} weight", branches=weight))
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
    places = tuple(Place(source.title, phrases.lower_first(passage.place)) for source, passage in cited)
    return _reason(rule), rule.id, places


def _reason(rule: Rule) -> str:
    return f"{rule.because} ({_BASES[rule.basis]})"


def _way_branch(way: Way, knowledge: Knowledge, answers: Mapping[str, Answer]) -> Branch:
    denied = [_answered(knowledge, name, answers[name]) for name in (*way.answered_no, *way.contradicts)]
    reason = f"But the answer was: {'; '.join(denied)}." if denied else ""
    missing = ", and ".join(phrases.fact(knowledge, fact) for fact in way.missing)
    said = (knowledge.rule[name] for name in way.rules)
    rules = tuple(Branch(f"Then a rule would say: {_reason(rule)}", f"rule {rule.id}", rule=rule.id) for rule in said)
    return Branch(_capital(missing), f"way {' '.join(way.missing)}", reason, branches=rules)


def _change(change: Change, knowledge: Knowledge) -> Branch:
    said = (knowledge.rule[name] for name in change.rules)
    rules = tuple(Branch(f"Because of a rule: {_reason(rule)}", f"rule {rule.id}", rule=rule.id) for rule in said)
    return Branch(_changed(change, knowledge), f"change {change.kind} {change.id}", branches=rules)


def _changed(change: Change, knowledge: Knowledge) -> str:
    before, after = change.before, change.after
    if change.kind == "care_level":
        heading = {str(level.id): level.heading for level in knowledge.care_levels}
        return f"It would say “{heading[str(after)]}” instead of " \
               f"“{heading[str(before)]}”"  # fmt: skip
    name = change.id.rpartition(":")[2]
    if change.kind != "nutrient":
        subject = _subject(knowledge, f"{change.kind}:{name}")
        return f"{subject} would {'be shown' if after else 'no longer be shown'}"
    name = knowledge.nutrient[name].name
    if isinstance(before, dict) and isinstance(after, dict):
        moves = []
        if before["support"] != after["support"]:
            moves.append(f"{_count(after['support'])} instead of {before['support']}")
        if before["rank"] != after["rank"]:
            moves.append(f"place {after['rank']} instead of {before['rank']}")
        return f"{name} would have {', '.join(moves)}"
    standing = after if isinstance(after, dict) else before
    assert isinstance(standing, dict)
    place = f"place {standing['rank']}, {_count(standing['support'])}"
    return f"{name} would come up ({place})" if after else f"{name} would no longer come up (it has {place})"


def _count(support: int) -> str:
    return "1 answer" if support == 1 else f"{support} answers"


def _answered(knowledge: Knowledge, name: str, answer: Answer | None) -> str:
    """Return an answer in words: `no to muscle cramps`, `age 40`, `age not known`."""
    label = phrases.lower_first(knowledge.finding[name].label)
    if answer is None:
        return f"{label} not known"
    if isinstance(answer, bool):
        return f"{phrases.YES_NO[answer]} to {label}"
    return phrases.answer(knowledge, name, answer) if answer != () else f"no to {label}"


def _subject(knowledge: Knowledge, full: str) -> str:
    """Return what a question is about; texts are quoted, so that nobody takes them as said to them."""
    kind, _, name = full.partition(":")
    if kind == "suggested":
        return knowledge.nutrient[name].name
    text = phrases.conclusion(knowledge, full).partition(": ")[2]
    return f"The {_SHOWN[kind]} “{text}”"


def _said(knowledge: Knowledge, fact: str) -> str:
    return _capital(phrases.conclusion(knowledge, fact))


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
