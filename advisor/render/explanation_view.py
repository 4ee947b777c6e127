"""Explanations in words: sections of branching steps, after a notice where care is pressing.

Sections stand in the order of the advice: care, what to be careful about, nutrients, what may help.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from advisor.model.facts import Concluded, Conclusion, Fact
from advisor.model.knowledge import LEVELS, Answer, Knowledge
from advisor.reasoning.evaluation import Asked, Evaluation, Explanation
from advisor.reasoning.explain import Change, Way, WhyNot
from advisor.render import branches, phrases
from advisor.render.advice_view import AdviceView, advice_view
from advisor.render.branches import BELOW, Branch, Explained, Section
from advisor.render.care_view import CareNotice, care_notice
from advisor.render.change_view import changed
from advisor.render.citations import Citation, behind, behind_disclaimers, cited

WAIT: Final = "This can wait until you have been seen."
_SHOWN: Final = {"advice": "advice", "caution": "caution", "care": "notice to seek care"}
_PARTS: Final = (
    ("care", "care_level", "all_clear"),
    ("caution",),
    ("nutrient",),
    ("advice",),
)  # kinds of changes, as they are told


class ExplanationView(msgspec.Struct, frozen=True):
    """An explanation, ready to be given a form."""

    shown: AdviceView  # the advice that is explained
    notice: CareNotice | None  # what has to lead: something pressing, or that there is no all-clear
    legend: str  # of the mark for our reading, where it stands in the sections
    sections: tuple[Section, ...]
    sources: tuple[Citation, ...]  # of the sections, the notice and the disclaimers


def explanation_view(explanation: Explanation) -> ExplanationView:
    """Put the answers to all questions into words."""
    shown = advice_view(explanation.evaluation)
    notice = _notice(explanation, shown)
    pressing = notice is not None and notice.pressing
    sections: list[Section] = []
    for asked in explanation.asked:
        sections += _asked(asked, explanation.evaluation, pressing=pressing)
    if explanation.what_if:
        sections += _what_if(explanation, pressing=pressing)
    if explanation.whole:
        sections += reasoning(explanation.evaluation, shown)
    sources = cited(explanation.evaluation.knowledge, _passages(explanation, sections, notice))
    return ExplanationView(shown, notice, branches.legend(sections), tuple(sections), sources)


def _notice(explanation: Explanation, shown: AdviceView) -> CareNotice | None:
    """Return what has to lead an explanation: a pressing matter, or that there is no all-clear.

    A pressing matter leads also where it is what another answer would mean.
    """
    if explanation.supposed:
        supposed = care_notice(explanation.supposed)
        if supposed.pressing and LEVELS.index(supposed.level) < LEVELS.index(shown.care.level):
            return msgspec.structs.replace(supposed, heading=f"With these other answers: {supposed.heading}")
    not_clear = shown.care.level == "none" and not explanation.evaluation.all_clear
    return shown.care if shown.care.pressing or not_clear else None


def _passages(explanation: Explanation, sections: Iterable[Section], notice: CareNotice | None) -> Iterator[str]:
    """Yield the passages behind everything that an explanation shows."""
    evaluation, knowledge = explanation.evaluation, explanation.evaluation.knowledge
    for branch in branches.in_sections(sections):
        if branch.rule:
            yield from knowledge.rule[branch.rule].source
    told: list[Concluded] = [asked.found.of for asked in explanation.asked]
    told += [change.of for change in (explanation.what_if.changes if explanation.what_if else ()) if change.of]
    told += [why.of for why in evaluation.reasoning] if explanation.whole else []
    if notice:
        told += [Conclusion("care", item.id) for item in notice.reasons]
        told += [Conclusion("care", item.id) for item in notice.others]
    for one in told:
        yield from behind(knowledge, one)
    yield from behind_disclaimers(knowledge)


def reasoning(evaluation: Evaluation, shown: AdviceView) -> Iterator[Section]:
    """Yield the whole reasoning, in sections for care, cautions, nutrients and advice.

    What is explained under one conclusion is not explained again under another; a nutrient is explained among the
    nutrients, also where something before them follows from it.
    """
    knowledge = evaluation.knowledge
    helpful = [item.id for item in shown.advice]
    explained: Explained = {why.of: BELOW for why in evaluation.reasoning if why.of.kind == "suggested"}
    headings = {
        "care": ("Why to seek care", ""),
        "caution": ("Be careful: why", ""),
        "suggested": ("Why these nutrients may be worth discussing", WAIT if shown.care.pressing else ""),
        "advice": (f"{shown.advice_heading}: why", ""),
    }
    for kind, (heading, text) in headings.items():
        whys = [why for why in evaluation.reasoning if why.of.kind == kind]
        if kind == "advice":
            whys.sort(key=lambda why: helpful.index(why.of.id))
        for why in whys:
            explained.pop(why.of, None)
        if whys:
            yield Section(heading, text, tuple(branches.tree(why, knowledge, explained) for why in whys))
        elif kind == "suggested" and shown.nutrients_heading:
            yield Section("No nutrient came up", shown.nutrients_note, ())
    if evaluation.loose_ends:
        ends = tuple(branches.branch(proof, knowledge, explained) for proof in evaluation.loose_ends)
        yield Section("Noted on the way", "This alone points to no nutrient.", ends)


def _asked(asked: Asked, evaluation: Evaluation, pressing: bool) -> Iterator[Section]:
    """Yield why, or why not. Where the question does not fit, that is said and the other one answered."""
    knowledge, found = evaluation.knowledge, asked.found
    subject, nutrient = _subject(knowledge, found.of), found.of.kind == "suggested"
    text = [WAIT] if pressing and nutrient else []
    if isinstance(found, WhyNot):
        if asked.question == "why":
            text.append(f"You asked why, but it {'did not come up' if nutrient else 'is not shown'}.")
        yield from _why_not(found, evaluation, subject, text)
        return
    how = "came up" if nutrient else "is shown"
    if asked.question == "why_not":
        text.append(f"You asked why not, but it {how}.")
    yield Section(f"{subject}: why it {how}", " ".join(text), (branches.tree(found, knowledge, {}),))


def _why_not(found: WhyNot, evaluation: Evaluation, subject: str, text: list[str]) -> Iterator[Section]:
    nutrient = found.of.kind == "suggested"
    still_open = [way for way in found.ways if not way.answered_no and not way.contradicts]
    denied = [way for way in found.ways if way not in still_open]
    if still_open:
        how = "come up" if nutrient else "be shown"
        text.append(f"It would {how} if you reported any one of these as well.")
    elif denied:
        text.append("Only other answers than those given would change that.")
    else:
        text.append("No answers lead to it.")
    if found.ways:
        text.append("This only shows how the rules work. It is no advice to change anything.")
    heading = f"{subject}: why it {'did not come up' if nutrient else 'is not shown'}"
    yield Section(heading, " ".join(text), tuple(_way(way, evaluation) for way in still_open or denied), "ways")
    if still_open and denied:
        said = "These would do so too, but they contradict the answers given."
        ways = tuple(_way(way, evaluation) for way in denied)
        yield Section(f"{subject}: only with other answers", said, ways, "ways")


def _what_if(explanation: Explanation, pressing: bool) -> Iterator[Section]:
    """Yield what would change, part by part; the nutrients can wait where care is pressing."""
    knowledge = explanation.evaluation.knowledge
    changes = explanation.what_if.changes if explanation.what_if else ()
    asked = "; ".join(_answered(knowledge, name, answer) for name, answer in explanation.changed.items())
    heading = f"If the answers were: {asked}"
    if not changes:
        yield Section(heading, "Nothing would change.", (), "changes")
    for kinds, name in zip(_PARTS, ("care", "be careful", "nutrients", "what may help"), strict=True):
        part = tuple(_change(change, explanation) for change in changes if change.kind in kinds)
        if part:
            yield Section(f"{heading} – {name}", WAIT if pressing and name == "nutrients" else "", part, "changes")


def _change(change: Change, explanation: Explanation) -> Branch:
    knowledge = explanation.evaluation.knowledge
    subject = _subject(knowledge, change.of) if change.of else ""
    rules = branches.rules(change.rules, knowledge, "Reason")
    return Branch(changed(change, subject, explanation), ("change", change.of), branches=rules)


def _way(way: Way, evaluation: Evaluation) -> Branch:
    knowledge, given = evaluation.knowledge, evaluation.answers.given
    denied = [_answered(knowledge, name, given[name]) for name in (*way.answered_no, *way.contradicts)]
    return Branch(
        phrases.capital(", and ".join(phrases.fact(knowledge, fact) for fact in way.missing)),
        ("way", way.missing),
        reason=f"But the answer was: {'; '.join(denied)}." if denied else "",
        branches=branches.rules(way.rules, knowledge, "A rule would then say"),
    )


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
