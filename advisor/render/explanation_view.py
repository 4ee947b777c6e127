"""Explanations in words: sections of branching steps, from which text, pages and graphs are made alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from advisor.model.facts import Concluded, Fact
from advisor.model.knowledge import LEVELS, Answer, Knowledge, Rule
from advisor.reasoning.evaluation import Asked, Evaluation, Explanation
from advisor.reasoning.explain import Change, Standing, Way, Why, WhyNot
from advisor.reasoning.proofs import Proof
from advisor.render import phrases
from advisor.render.advice_view import AdviceView, CareNotice, advice_view

WAIT: Final = "This can wait until you have been seen."
_BASES: Final = {"stated": "stated", "interpreted": "our reading"}
_SHOWN: Final = {"advice": "advice", "caution": "caution", "care": "notice to seek care"}

Remark: TypeAlias = Literal["", "reported", "as explained above"]


class Place(msgspec.Struct, frozen=True):
    """A passage in words."""

    title: str  # of the source
    place: str  # in it

    def __str__(self) -> str:
        return f"{self.title}: {self.place}"


class Branch(msgspec.Struct, frozen=True):
    """A step of the reasoning with those it rests on."""

    said: str
    key: Hashable  # the same for the same thing wherever it stands; a graph shows it once
    remark: Remark = ""
    reason: str = ""
    rule: str = ""
    places: tuple[Place, ...] = ()  # where in the sources it stands
    branches: tuple[Branch, ...] = ()
    unnamed: bool = False  # one of several proofs of the branch above, which says what it is about
    leads: bool = True  # whether the branch above follows from it; what only adds weight does not lead to it

    @property
    def text(self) -> str:
        """What is said, with the remark behind it."""
        return f"{self.said} ({self.remark})" if self.remark else self.said


class Section(msgspec.Struct, frozen=True):
    """One question and its answer."""

    heading: str
    text: str
    branches: tuple[Branch, ...]
    # what the branches are: proofs of what they name; ways, whose own branches are the rules that would fit; changes
    kind: Literal["proofs", "ways", "changes"] = "proofs"


class ExplanationView(msgspec.Struct, frozen=True):
    """An explanation, ready to be given a form."""

    shown: AdviceView  # the advice that is explained
    notice: CareNotice | None  # what has to lead, because it is pressing
    sections: tuple[Section, ...]


def explanation_view(explanation: Explanation) -> ExplanationView:
    """Put the answers to all questions into words."""
    shown = advice_view(explanation.evaluation)
    notice = _notice(explanation, shown)
    sections: list[Section] = []
    for asked in explanation.asked:
        sections += _asked(asked, explanation.evaluation, pressing=notice is not None)
    if explanation.what_if:
        sections += _what_if(explanation, pressing=notice is not None)
    if explanation.whole:
        sections += reasoning(explanation.evaluation, shown)
    return ExplanationView(shown, notice, tuple(sections))


def _notice(explanation: Explanation, shown: AdviceView) -> CareNotice | None:
    """Return what has to lead an explanation: a pressing matter, also where it is what another answer would mean."""
    if explanation.supposed:
        supposed = advice_view(explanation.supposed).care
        if supposed.pressing and LEVELS.index(supposed.level) < LEVELS.index(shown.care.level):
            return msgspec.structs.replace(supposed, heading=f"With these other answers: {supposed.heading}")
    return shown.care if shown.care.pressing else None


def reasoning(evaluation: Evaluation, shown: AdviceView) -> Iterator[Section]:
    """Yield the whole reasoning, in sections for care, nutrients, advice and cautions.

    What is explained under one conclusion is not explained again under another.
    """
    knowledge = evaluation.knowledge
    explained: set[Concluded] = set()
    headings = {
        "care": ("Why to seek care", ""),
        "suggested": ("Why these nutrients may be worth discussing", WAIT if shown.care.pressing else ""),
        "advice": (f"{shown.advice_heading}: why", ""),
        "caution": ("Be careful: why", ""),
    }
    for kind, (heading, text) in headings.items():
        branches = tuple(_tree(why, knowledge, explained) for why in evaluation.reasoning if why.of.kind == kind)
        if branches:
            yield Section(heading, text, branches)
    if not shown.nutrients:
        yield Section("No nutrient came up", f"{shown.nutrients_note} {shown.care.text or ''}".strip(), ())
    if evaluation.loose_ends:
        text = "This was noted, and by itself leads to nothing."
        branches = tuple(_branch(proof, knowledge, explained) for proof in evaluation.loose_ends)
        yield Section("Noted on the way", text, branches)


def _asked(asked: Asked, evaluation: Evaluation, pressing: bool) -> Iterator[Section]:
    """Yield why, or why not. Where the question does not fit, that is said and the other one answered."""
    knowledge, found = evaluation.knowledge, asked.found
    subject, nutrient = _subject(knowledge, found.of), found.of.kind == "suggested"
    text = [WAIT] if pressing and nutrient else []
    if isinstance(found, WhyNot):
        if asked.question == "why":
            text.append("You asked why, but it was not concluded.")
        yield from _why_not(found, evaluation, subject, text)
        return
    if asked.question == "why_not":
        text.append("You asked why not, but it was concluded.")
    heading = f"{subject}: why {'it came up' if nutrient else 'it is shown'}"
    yield Section(heading, " ".join(text), (_tree(found, knowledge, set()),))


def _why_not(found: WhyNot, evaluation: Evaluation, subject: str, text: list[str]) -> Iterator[Section]:
    nutrient = found.of.kind == "suggested"
    still_open = [way for way in found.ways if not way.answered_no and not way.contradicts]
    denied = [way for way in found.ways if way not in still_open]
    if still_open:
        how = "come up" if nutrient else "be shown"
        text.append(f"It would {how} if any one of the following were reported as well.")
    elif denied:
        text.append("Nothing that is still open would change that, only other answers than those given.")
    else:
        text.append("No answers at all lead to it.")
    if found.ways:
        text.append("This shows how the rules work; none of it is something to aim for.")
    heading = f"{subject}: why {'it did not come up' if nutrient else 'it is not shown'}"
    branches = tuple(_way(way, evaluation) for way in still_open or denied)
    yield Section(heading, " ".join(text), branches, "ways")
    if still_open and denied:
        said = "These would do as well, but they contradict what was answered."
        yield Section(
            f"{subject}: only with other answers", said, tuple(_way(way, evaluation) for way in denied), "ways"
        )


def _what_if(explanation: Explanation, pressing: bool) -> Iterator[Section]:
    """Yield what would change: care first, then the nutrients, which can wait where care is pressing, then the rest."""
    knowledge = explanation.evaluation.knowledge
    changes = explanation.what_if.changes if explanation.what_if else ()
    asked = "; ".join(_answered(knowledge, name, answer) for name, answer in explanation.changed.items())
    heading = f"If the answers were: {asked}"
    care = [change for change in changes if change.kind in ("care_level", "care")]
    nutrients = [change for change in changes if change.kind == "nutrient"]
    rest = [change for change in changes if change not in care and change not in nutrients]
    if not changes:
        yield Section(heading, "Nothing would change.", (), "changes")
    for part, name, text in (
        (care, "care", ""),
        (nutrients, "nutrients", WAIT if pressing else ""),
        (rest, "the rest", ""),
    ):
        if part:
            branches = tuple(_change(change, knowledge) for change in part)
            yield Section(f"{heading} – {name}", text, branches, "changes")


def _tree(why: Why, knowledge: Knowledge, explained: set[Concluded]) -> Branch:
    """Put the proof of a conclusion into words, with what adds weight to it.

    Facts that are among those `explained` are only named; those explained here are added to them.
    """
    if not why.supports:
        return _branch(why.proof, knowledge, explained)
    explained.add(why.of)
    proofs = why.proof.premises if why.proof.basis == "any" else (why.proof,)
    branches = [_one_proof(proof, knowledge, explained) for proof in proofs]
    weight = tuple(_branch(support, knowledge, explained) for support in why.supports)
    name = knowledge.nutrient[why.of.id].name
    branches.append(Branch(f"What adds weight to {name}", (why.of, "weight"), branches=weight, leads=False))
    return Branch(_said(knowledge, why.of), why.of, branches=tuple(branches))


def _branch(proof: Proof, knowledge: Knowledge, explained: set[Concluded]) -> Branch:
    said, weight = _said(knowledge, proof.of), proof.of.kind == "supports"
    if proof.basis == "reported":
        return Branch(said, proof.of, "reported")
    if proof.of in explained and not weight:
        return Branch(said, proof.of, "as explained above")
    explained.add(proof.of)
    if proof.basis == "any":
        branches = tuple(_one_proof(inner, knowledge, explained) for inner in proof.premises)
        return Branch(said, proof.of, branches=branches)
    return _proved(proof, knowledge, explained, said, (proof.of, proof.rule) if weight else proof.of)


def _one_proof(proof: Proof, knowledge: Knowledge, explained: set[Concluded]) -> Branch:
    """Return one of several proofs of a fact, which need not be named again."""
    if proof.basis == "reported":
        return Branch("Reported", (proof.of, "reported"))
    key = (proof.rule, tuple(inner.of for inner in proof.premises))
    branch = _proved(proof, knowledge, explained, "By one rule", key)
    return msgspec.structs.replace(branch, unnamed=True)


def _proved(proof: Proof, knowledge: Knowledge, explained: set[Concluded], said: str, key: Hashable) -> Branch:
    rule = knowledge.rule[proof.rule or ""]
    cited = (knowledge.passage[name] for name in proof.source)
    return Branch(
        said,
        key,
        reason=_reason(rule),
        rule=rule.id,
        places=tuple(Place(source.title, phrases.lower_first(passage.place)) for source, passage in cited),
        branches=tuple(_branch(inner, knowledge, explained) for inner in proof.premises),
    )


def _reason(rule: Rule) -> str:
    return f"{rule.rationale} ({_BASES[rule.basis]})"


def _rules(names: Iterable[str], knowledge: Knowledge, how: str) -> tuple[Branch, ...]:
    rules = (knowledge.rule[name] for name in names)
    return tuple(Branch(f"{how}: {_reason(rule)}", ("rule", rule.id), rule=rule.id) for rule in rules)


def _way(way: Way, evaluation: Evaluation) -> Branch:
    knowledge, given = evaluation.knowledge, evaluation.answers.given
    denied = [_answered(knowledge, name, given[name]) for name in (*way.answered_no, *way.contradicts)]
    return Branch(
        phrases.capital(", and ".join(phrases.fact(knowledge, fact) for fact in way.missing)),
        ("way", way.missing),
        reason=f"But the answer was: {'; '.join(denied)}." if denied else "",
        branches=_rules(way.rules, knowledge, "Then a rule would say"),
    )


def _change(change: Change, knowledge: Knowledge) -> Branch:
    rules = _rules(change.rules, knowledge, "Because of a rule")
    return Branch(_changed(change, knowledge), ("change", change.of), branches=rules)


def _changed(change: Change, knowledge: Knowledge) -> str:
    before, after = change.before, change.after
    if change.of is None:
        heading: dict[object, str] = {level.id: level.heading for level in knowledge.care_levels}
        return f"It would say “{heading[after]}” instead of “{heading[before]}”"
    subject = _subject(knowledge, change.of)
    if isinstance(before, Standing) and isinstance(after, Standing):
        moves = []
        if before.support != after.support:
            moves.append(f"{_count(after.support)} instead of {before.support}")
        if before.rank != after.rank:
            moves.append(f"place {after.rank} instead of {before.rank}")
        return f"{subject} would have {', '.join(moves)}"
    if isinstance(after, Standing):
        return f"{subject} would come up ({_place(after)})"
    if isinstance(before, Standing):
        return f"{subject} would no longer come up (it has {_place(before)})"
    return f"{subject} would {'be shown' if after else 'no longer be shown'}"


def _place(standing: Standing) -> str:
    return f"place {standing.rank}, {_count(standing.support)}"


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


def _subject(knowledge: Knowledge, of: Concluded) -> str:
    """Return what a question is about; texts are quoted, so that nobody takes them as said to them."""
    if isinstance(of, Fact):
        return knowledge.nutrient[of.id].name
    return f"The {_SHOWN[of.kind]} “{phrases.guidance(knowledge, of)}”"


def _said(knowledge: Knowledge, of: Concluded) -> str:
    return phrases.capital(phrases.concluded(knowledge, of))


def all_branches(branches: Iterable[Branch]) -> Iterator[Branch]:
    """Yield branches and all that are in them."""
    for branch in branches:
        yield branch
        yield from all_branches(branch.branches)


def sources(sections: Sequence[Section]) -> list[str]:
    """Return the titles of the sources that sections name, in the order they are first named."""
    branches = all_branches(branch for part in sections for branch in part.branches)
    return list(dict.fromkeys(place.title for branch in branches for place in branch.places))
