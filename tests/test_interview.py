"""The questionnaire asks only what can still change the advice, and ends with the advice of asking everything."""

from __future__ import annotations

import json
import random
from typing import Any

import oracle
import pytest
from builders import AnswersError, alternatives
from sizes import rounds

import advisor
from advisor.model.knowledge import Knowledge
from advisor.reasoning.interview import Interview, Question

People = dict[str, object]


def person(rng: random.Random) -> People:
    """Someone with an answer to everything; None is don't know. Who has cramps at night has cramps."""
    share = rng.choice([0.0, 0.05, 0.2, 0.4, 0.8, 1.0])
    answers: People = {name: rng.random() < share for name in oracle.VOCABULARY}
    answers["age"] = rng.choice([None, rng.randrange(121), 65])
    answers["confirmed_deficiency"] = [n for n in oracle.NUTRIENTS if rng.random() < share / 3]
    for name in rng.sample(oracle.VOCABULARY, 3):
        answers[name] = None
    if answers["cramps_at_night"]:
        answers["muscle_cramps"] = True
    return answers


def reply(question: Question, who: People) -> Any:
    """What a person answers. Whoever does not know something on a checklist leaves it out."""
    if question.kind != "checklist":
        return who[question.findings[0]]
    if question.findings == ("confirmed_deficiency",):
        return who["confirmed_deficiency"]
    return [finding for finding in question.findings if who[finding]]


def held(interview: Interview, who: People) -> list[Question]:
    """Hold an interview to its end; return the questions."""
    asked = []
    while question := interview.next():
        asked.append(question)
        interview.answer(question.id, reply(question, who))
    return asked


def told(advising: advisor.Advisor, answers: People) -> dict[str, Any]:
    """All that a person is told, the repetition of the answers apart."""
    known = {name: answer for name, answer in answers.items() if answer is not None}
    advice: dict[str, Any] = json.loads(advisor.to_json(advising.advise(known)))
    return advice | {"answers": None}


@pytest.mark.parametrize("one_by_one", [False, True])
def test_it_ends_with_exactly_the_advice_that_asking_everything_gives(
    advising: advisor.Advisor, one_by_one: bool
) -> None:
    rng = random.Random(31)
    for _ in range(rounds(2_500, 250)):
        who = person(rng)
        interview = Interview(advising.knowledge, one_by_one)
        held(interview, who)
        assert told(advising, dict(interview.answers)) == told(advising, who), who


def test_what_is_asked_can_change_the_advice_and_what_is_not_asked_cannot(advising: advisor.Advisor) -> None:
    rng = random.Random(37)
    knowledge = advising.knowledge
    for _ in range(rounds(120, 40)):
        who = person(rng)
        interview = Interview(knowledge, one_by_one=rng.random() < 0.5)
        for _ in range(rng.randrange(12)):
            if question := interview.next():
                interview.answer(question.id, reply(question, who))
        known = dict(interview.answers)
        no_cramps = interview.given.get("muscle_cramps") is False
        open_ = [name for name in knowledge.finding if name not in interview.given]
        open_ = [name for name in open_ if not (name == "cramps_at_night" and no_cramps)]
        asked: set[str] = set()
        if question := interview.next():
            asked = set(question.findings)
        most = known | dict.fromkeys(open_, True)
        if "age" in open_:
            most["age"] = 80
        if "confirmed_deficiency" in open_:
            most["confirmed_deficiency"] = tuple(oracle.NUTRIENTS)
        everything = told(advising, dict(most))
        for name in asked:
            assert told(advising, {k: v for k, v in most.items() if k != name}) != everything, name
        if interview.next() is None:
            for name in open_:
                assert told(advising, {**known, name: most[name]}) == told(advising, dict(known)), name


def test_nothing_is_asked_twice_and_about_how_many_are_left_is_never_far_off(knowledge: Knowledge) -> None:
    rng = random.Random(41)
    for one_by_one, tolerance in ((False, 2), (True, 8)):
        for _ in range(rounds(200, 30)):
            interview = Interview(knowledge, one_by_one)
            who = person(rng)
            asked, estimates = [], []
            while question := interview.next():
                estimates.append(interview.remaining)
                asked += question.findings
                interview.answer(question.id, reply(question, who))
            assert len(asked) == len(set(asked))
            assert interview.remaining == 0
            for step, estimate in enumerate(estimates):
                assert abs(estimate - (len(estimates) - step)) <= tolerance


def test_warning_signs_are_asked_first(knowledge: Knowledge) -> None:
    question = Interview(knowledge).next()
    assert question is not None
    assert set(question.findings) == set(oracle.WARNINGS)


def test_someone_without_complaints_meets_few_screens(knowledge: Knowledge) -> None:
    asked = held(Interview(knowledge), dict.fromkeys(oracle.VOCABULARY, False) | {"confirmed_deficiency": []})
    assert [question.id for question in asked] == [
        "warning_signs", "muscles", "body", "habits", "food", "health", "confirmed_deficiency",
    ]  # fmt: skip
    not_asked = set(oracle.VOCABULARY) - {finding for question in asked for finding in question.findings}
    assert {"cramps_at_night", "excessive_alcohol", "inactivity", "age"} <= not_asked


def test_going_back_undoes_and_another_answer_plans_anew(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    interview.answer("warning_signs", [])
    before = interview.given
    interview.answer("muscles", ["muscle_cramps"])
    assert interview.next() == interview.question("cramps_at_night")
    assert interview.back()
    assert interview.given == before
    interview.answer("muscles", [])
    assert interview.next().id == "body"  # type: ignore[union-attr]
    assert interview.back()
    assert interview.back()
    assert not interview.back()
    assert interview.given == {}


def test_changing_an_answer_drops_what_no_longer_makes_sense(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    held(interview, dict.fromkeys(oracle.VOCABULARY, True) | {"age": 70, "confirmed_deficiency": []})
    assert interview.answers["cramps_at_night"] is True
    interview.answer("muscle_cramps", False)
    assert "cramps_at_night" not in interview.answers
    assert interview.next() is None
    interview.answer("muscle_cramps", True)
    assert interview.next().id == "cramps_at_night"  # type: ignore[union-attr]


def test_it_goes_on_from_answers_given_before(knowledge: Knowledge) -> None:
    rng = random.Random(43)
    for _ in range(50):
        who = person(rng)
        whole = Interview(knowledge)
        held(whole, who)
        part = Interview(knowledge)
        for _ in range(rng.randrange(6)):
            if question := part.next():
                part.answer(question.id, reply(question, who))
        resumed = Interview(knowledge, start=part.given)
        held(resumed, who)
        assert resumed.given == whole.given


def test_why_names_rules_that_the_answer_bears_on(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    held_back = held(interview, dict.fromkeys(oracle.VOCABULARY, True) | {"age": 70, "confirmed_deficiency": []})
    fresh = Interview(knowledge)
    for question in held_back:
        rules = fresh.why(question.id)
        direct = {f"finding:{name}" for name in question.findings}
        assert question.id in ("age", "confirmed_deficiency") or any(
            direct & set(premises) for rule in rules for premises in alternatives(rule)
        )
    assert [rule.id for rule in fresh.why("age")] == ["vitamin_k2.trial_age"]
    assert "calcium.low_intake" in [rule.id for rule in fresh.why("rarely_eats_dairy")]
    fresh.answer("warning_signs", [])
    fresh.answer("muscles", [])
    assert fresh.why("age") == ()


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("muscles", ["muscle_cramps"]),  # not its turn
        ("nothing", True),
        ("warning_signs", ["fatigue"]),
        ("warning_signs", True),
        ("warning_signs", "cramps_persist"),
        ("warning_signs", {"cramps_persist": False}),
        ("warning_signs", b""),
        ("warning_signs", 3.5),
        ("warning_signs", [["cramps_persist"]]),
        ("fatigue", "yes"),
        ("fatigue", 1),
        ("age", True),
        ("age", 121),
        ("age", -1),
        ("confirmed_deficiency", ["iron"]),
    ],
)
def test_what_does_not_answer_is_refused_and_changes_nothing(knowledge: Knowledge, question: str, value: Any) -> None:
    interview = Interview(knowledge)
    with pytest.raises(ValueError, match=question):
        interview.answer(question, value)
    assert interview.given == {}
    assert not interview.back()


def test_other_names_and_answers_are_refused(knowledge: Knowledge) -> None:
    with pytest.raises(ValueError, match="headache"):
        Interview(knowledge).question("headache")
    with pytest.raises(ValueError, match="headache"):
        Interview(knowledge).why("headache")
    with pytest.raises(AnswersError, match="age must be a whole number"):
        Interview(knowledge, start={"age": "abc"})  # type: ignore[dict-item]
    begun = Interview(knowledge, start={"confirmed_deficiency": ["calcium"], "fatigue": None})  # type: ignore[dict-item]
    assert begun.answers == {"confirmed_deficiency": ("calcium",)}
    assert begun.given == {"confirmed_deficiency": ("calcium",), "fatigue": None}
