"""The questionnaire as a state machine: what to ask next, and why. No input or output; any front end can drive it.

    interview = advisor.load().interview()
    while question := interview.next():
        interview.answer(question.id, ...)   # True, False or None; a number; the options chosen
    evaluation = app.evaluate(interview.answers)

A question is asked only while its answer can still change the advice. The rules tell: a finding matters as long as
some alternative of some rule names it, or something that it implies, every other fact in that alternative is still
possible, and what the rule concludes is shown or leads to something shown. Pressing warning signs always matter,
because the advice says which of them were not answered. Rules only ever add to what is concluded, so a fact that is no
longer possible stays so, and a question that is left out could not have changed a conclusion.

A worked example: someone answers no to muscle cramps. The rule `muscle_cramps and poor_diet -> vitamin B6` can no
longer fire, but `poor_diet -> balanced diet` can, so the question about the diet is still asked. If nothing else
suggests a nutrient either, no food is asked about: few leafy greens add weight to a nutrient and do no more.

What a yes implies is not asked: a yes to cramps at night is a yes to cramps, and that stands even where cramps were
answered no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from typing import Literal, TypeAlias

import msgspec

from advisor.diagnostics import AnswersError, Diagnostic, Location, shown
from advisor.engine.closure import Closure
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.conditions import Alternative
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer, Finding, Knowledge, Rule
from advisor.source.symptom_file import of

Given: TypeAlias = Mapping[str, Answer | None]  # None: asked, and not known


class Option(msgspec.Struct, frozen=True):
    """One line of a checklist: a finding, or a nutrient."""

    id: str
    label: str
    help: str


class Question(msgspec.Struct, frozen=True):
    """One screen. A checklist is answered with the ids of the options that apply, a number within its limits.

    What is not chosen in a checklist counts as no. On a `pressing` one that is so only where nothing was chosen: once
    something was, the rest counts as not answered, because someone in trouble does not read to the end of a list. What
    a chosen option implies counts as neither: it holds already.
    """

    id: str
    kind: Literal["yes_no", "number", "checklist"]
    text: str
    findings: tuple[str, ...]  # what an answer is recorded for
    help: str = ""
    options: tuple[Option, ...] = ()
    minimum: int = 0
    maximum: int = 0
    pressing: bool = False


class Interview:
    """What was answered so far, and what is still to ask."""

    def __init__(self, knowledge: Knowledge, one_by_one: bool = False, start: Given | None = None) -> None:
        """Begin, or resume from the answers in `start` (None for a question answered with don't know).

        With `one_by_one`, findings that stand on one screen are asked one at a time. Raises AnswersError where `start`
        holds something that is not an answer.
        """
        self.knowledge = knowledge
        self._one_by_one = one_by_one
        self._closure = Closure(knowledge.rules)
        begun = dict(start if isinstance(start, Mapping) else of(start or [], knowledge).given)
        known = {name: answer for name, answer in begun.items() if answer is not None}
        self._given: dict[str, Answer | None] = {**begun, **of(known, knowledge).given} if begun else {}
        self._steps: list[dict[str, Answer | None]] = []  # what was given before each answer, to go back to

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers that are known, in vocabulary order."""
        return {name: a for name in self.knowledge.finding if (a := self._given.get(name)) is not None}

    @property
    def given(self) -> dict[str, Answer | None]:
        """Everything answered, in vocabulary order; None for what was answered with don't know."""
        return {name: self._given[name] for name in self.knowledge.finding if name in self._given}

    @property
    def remaining(self) -> int:
        """About how many questions are left: half-way between all that may matter and what is left if all is no."""
        most = sum(1 for _ in self._questions())
        denied = self._with(self._given)
        fewest = 0
        while (question := denied.next()) is not None:
            denied._given.update(dict.fromkeys(question.findings))
            for finding in self.knowledge.findings:
                if finding.only_after in question.findings:
                    denied._given.setdefault(finding.id)
            fewest += 1
        return (most + fewest + 1) // 2

    def next(self) -> Question | None:
        """Return the next question, or None when no answer could change the advice any more."""
        return next(self._questions(), None)

    def question(self, finding: str) -> Question:
        """Return the question for one finding by itself, to change an answer. Raises AnswersError for another name."""
        if finding not in self.knowledge.finding:
            raise _refused(f"{shown(finding)} is not a finding", "question")
        return _single(self.knowledge, self.knowledge.finding[finding])

    def answer(self, question_id: str, value: Answer | Collection[str] | None) -> None:
        """Record the answer to the question that `next` gives, or to that of a finding (by its id).

        True, False or None for yes, no or don't know; a whole number; for a checklist the ids that apply. A no also
        takes back the answers that make no sense without it. Raises AnswersError for another question, or a value that
        does not answer it.
        """
        upcoming = self.next()
        if upcoming is not None and upcoming.id == question_id:
            question = upcoming
        elif question_id in self.knowledge.finding:
            question = self.question(question_id)
        else:
            raise _refused(f"{shown(question_id)} is not the question being asked", "question")
        recorded = _recorded(self.knowledge, question, value)
        self._steps.append(dict(self._given))
        self._given.update(recorded)
        for name, given in recorded.items():
            if given is False:
                self._take_back_after(name, recorded)

    def back(self) -> bool:
        """Take back the latest answer; False where there is none."""
        if not self._steps:
            return False
        self._given = self._steps.pop()
        return True

    def why(self, question_id: str) -> tuple[Rule, ...]:
        """Return the rules that the answer to a question (or finding) bears on and that can still fire, in rule order.

        Rules that follow by way of a derived fact are among them, unless that fact is certain already; rules about what
        the answer implies only where no rule names the finding itself. Of an answer given before, it is told what it
        would bear on if it were still open. Raises AnswersError for another id.
        """
        screens = {screen.id: screen.findings for screen in self.knowledge.screens}
        if question_id not in screens and question_id not in self.knowledge.finding:
            raise _refused(f"{shown(question_id)} is not a question", "question")
        asked = set(screens.get(question_id, (question_id,)))
        if not asked.isdisjoint(self._given):
            rest = {name: answer for name, answer in self._given.items() if name not in asked}
            return self._with(rest).why(question_id)
        return self._bearing(asked) or self._bearing({n for name in asked for n in self.knowledge.implied[name]})

    def _bearing(self, asked: set[str]) -> tuple[Rule, ...]:
        certain = self._closure.follow(self._reported())
        reported_by, followed = self.knowledge.reported_by, set[Fact]()
        bearing = []
        for rule, alternatives in self._matches():
            if any(fact in followed or reported_by.get(fact) in asked for match in alternatives for fact in match):
                bearing.append(rule)
                if rule.verb == "derive" and isinstance(rule.concludes, Fact) and rule.concludes not in certain:
                    followed.add(rule.concludes)
        return tuple(bearing)

    def _take_back_after(self, denied: str, recorded: Given) -> None:
        """Take back the answers that make no sense after a no, unless another answer implies a yes all the same."""
        dependent = [f.id for f in self.knowledge.findings if f.only_after == denied and f.id not in recorded]
        rest = {name: answer for name, answer in self.answers.items() if name not in dependent}
        if denied in Answers("", rest).holding(self.knowledge):
            return
        for name in dependent:
            if name in self._given:
                del self._given[name]
                self._take_back_after(name, recorded)

    def _with(self, given: Given) -> Interview:
        other = copy(self)
        other._given, other._steps = dict(given), []
        return other

    def _questions(self) -> Iterator[Question]:
        relevant = self._relevant()
        for screen in self.knowledge.screens:
            findings = [self.knowledge.finding[name] for name in screen.findings if name in relevant]
            if not findings:
                continue
            if len(findings) == 1 or self._one_by_one:
                yield from (_single(self.knowledge, finding) for finding in findings)
            else:
                options = tuple(Option(finding.id, finding.label, finding.help) for finding in findings)
                yield Question(
                    screen.id,
                    "checklist",
                    screen.question,
                    tuple(f.id for f in findings),
                    options=options,
                    pressing=screen.pressing,
                )

    def _open(self, finding: Finding, holding: set[str]) -> bool:
        """Tell whether a finding may yet be answered.

        It was not, neither in so many words nor by implication, and what it depends on was not answered no.
        """
        return finding.id not in self._given and finding.id not in holding and self._makes_sense(finding, holding)

    def _makes_sense(self, finding: Finding, holding: set[str]) -> bool:
        parent = finding.only_after
        if parent is None or parent in holding:
            return True
        return self._given.get(parent) is not False and self._makes_sense(self.knowledge.finding[parent], holding)

    def _holding(self) -> set[str]:
        return Answers("", self.answers).holding(self.knowledge)

    def _all_open(self) -> list[Finding]:
        holding = self._holding()
        return [finding for finding in self.knowledge.findings if self._open(finding, holding)]

    def _possible(self) -> set[Fact]:
        """Return every fact that holds, or would for some answers to what is open."""
        knowledge = self.knowledge
        possible = self._reported()
        for finding in self._all_open():
            if finding.kind == "yes_no":
                possible.update(map(facts.reported, (finding.id, *knowledge.implied[finding.id])))
            elif finding.kind == "number":
                possible.update(test for test in knowledge.tests if test.id == finding.id)
            else:
                possible.update(map(facts.confirmed, knowledge.nutrient))
        return self._closure.follow(possible)

    def _reported(self) -> set[Fact]:
        return set(Answers("", self.answers).facts(self.knowledge))

    def _matches(self) -> list[tuple[Rule, list[Alternative]]]:
        """Return the rules that may yet add to what is shown, in rule order, each with its matches that are possible.

        A derivation adds to it only by way of a rule that uses what is derived, weight only to a nutrient that may be
        suggested.
        """
        possible, used = self._possible(), set[Fact]()
        found: list[tuple[Rule, list[Alternative]]] = []
        for rule in reversed(self.knowledge.rules):  # those that use what another derives come before that one
            concludes = rule.concludes
            if rule.verb == "derive" and concludes not in used:
                continue
            if concludes.kind == "supports" and facts.suggested(concludes.id) not in possible:
                continue
            matches = [alternative for alternative in rule.alternatives if possible.issuperset(alternative)]
            if matches:
                found.append((rule, matches))
                used.update(fact for match in matches for fact in match)
        return found[::-1]

    def _relevant(self) -> set[str]:
        """Return the open findings whose answer can still change the advice."""
        knowledge = self.knowledge
        in_matches = (fact for _, matches in self._matches() for match in matches for fact in match)
        named = {*map(knowledge.reported_by.get, in_matches), *knowledge.pressing_signs}
        named -= self._holding()  # another answer that implies what holds already adds nothing
        return {f.id for f in self._all_open() if f.id in named or not named.isdisjoint(knowledge.implied[f.id])}


def _refused(message: str, path: str) -> AnswersError:
    return AnswersError([Diagnostic(Location(), "not-an-answer", message, path=path)])


def _single(knowledge: Knowledge, finding: Finding) -> Question:
    if finding.kind == "yes_no":
        return Question(finding.id, "yes_no", finding.question, (finding.id,), help=finding.help)
    if finding.kind == "number":
        low, high = finding.minimum or 0, finding.maximum or 0
        return Question(finding.id, "number", finding.question, (finding.id,), finding.help, (), low, high)
    options = tuple(Option(n.id, n.name, n.function) for n in knowledge.nutrients)
    return Question(finding.id, "checklist", finding.question, (finding.id,), help=finding.help, options=options)


def _recorded(
    knowledge: Knowledge, question: Question, value: Answer | Collection[str] | None
) -> dict[str, Answer | None]:
    """Return what an answer says of each finding of the question. Raises AnswersError where it does not answer it."""
    if value is None:
        return dict.fromkeys(question.findings)
    refused = _refused(f"{shown(value)} does not answer {question.id!r}", "answer")
    if question.kind == "yes_no":
        if not isinstance(value, bool):
            raise refused
        return {question.findings[0]: value}
    if question.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int) or not question.minimum <= value <= question.maximum:
            raise refused
        return {question.findings[0]: value}
    known = [option.id for option in question.options]
    # not any iterable: the keys of a mapping, or the letters of a text, would pass for what was chosen
    if not isinstance(value, list | tuple | set | frozenset) or any(item not in known for item in value):
        raise refused
    chosen = set(value)
    if knowledge.finding[question.findings[0]].kind == "nutrients":
        return {question.findings[0]: tuple(nutrient for nutrient in known if nutrient in chosen)}
    rest = None if question.pressing and chosen else False
    implied = {name for finding in chosen for name in knowledge.implied[finding]}
    return {
        finding: True if finding in chosen else rest
        for finding in question.findings
        if finding in chosen or finding not in implied
    }
