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
from advisor.reasoning.interview import Given, Interview, Question

People = oracle.Person
CLAUSES = oracle.contract()


def person(rng: random.Random) -> People:
    """Someone with an answer to everything; None is don't know. A yes is a yes to what it implies too."""
    share = rng.choice([0.0, 0.05, 0.2, 0.4, 0.8, 1.0])
    answers: People = {name: rng.random() < share for name in oracle.VOCABULARY}
    answers["age"] = rng.choice([None, rng.randrange(121), 17, 18, 64, 65])
    answers["confirmed_deficiency"] = [n for n in oracle.NUTRIENTS if rng.random() < share / 3]
    for name in rng.sample(oracle.VOCABULARY, 3):
        answers[name] = None
    return answers | dict.fromkeys(oracle.holding(name for name, given in answers.items() if given is True), True)


def reply(question: Question, who: oracle.Person) -> Any:
    """What a person answers. Whoever does not know something on a checklist leaves it out."""
    if question.kind != "checklist":
        return who[question.findings[0]]
    if question.findings == ("confirmed_deficiency",):
        return who["confirmed_deficiency"]
    return [finding for finding in question.findings if who[finding]]


def held(interview: Interview, who: oracle.Person) -> list[Question]:
    """Hold an interview to its end; return the questions."""
    asked = []
    while question := interview.next():
        asked.append(question)
        interview.answer(question.id, reply(question, who))
    return asked


def next_id(interview: Interview) -> str:
    question = interview.next()
    assert question is not None
    return question.id


def told(advising: advisor.Advisor, answers: People) -> dict[str, Any]:
    """All that a person is told, the repetition of the answers apart.

    Of the trace, the steps to what is shown: a derivation that nothing uses is only a note.
    """
    known = {name: answer for name, answer in answers.items() if answer is not None}
    advice: dict[str, Any] = json.loads(advisor.to_json(advising.advise(known)))
    used = {fact for step in advice["trace"] for fact in step["because"]}
    steps = [
        (step["rule"], step["because"])
        for step in advice["trace"]
        if not step["concludes"].startswith("derived:") or step["concludes"] in used
    ]
    care = {key: advice["care"][key] for key in ("level", "items", "watch_for")}
    return advice | {"answers": None, "implied": None, "care": care, "trace": steps}


def by_the_contract(who: People) -> dict[str, Any]:
    """What the oracle concludes from all that a person would answer."""
    outcome = oracle.evaluate(CLAUSES, who)
    return {
        "level": outcome.level(),
        "care": outcome.care(),
        "watch_for": outcome.watch_for(),
        "nutrients": [(*pair, rank) for pair, rank in zip(outcome.ranking(), outcome.ranks(), strict=True)],
        "matched": outcome.matched,
        "cautions_about": {name: outcome.cautions_about(name) for name in outcome.matched},
        "advice": outcome.advice(),
        "cautions": outcome.cautions(),
    }


def concluded(advice: advisor.Advice) -> dict[str, Any]:
    """The same of what the advisor says."""
    return {
        "level": advice.care.level,
        "care": [item.id for item in advice.care.items],
        "watch_for": [item.id for item in advice.care.watch_for],
        "nutrients": [(nutrient.id, nutrient.support, nutrient.rank) for nutrient in advice.nutrients],
        "matched": {nutrient.id: set(nutrient.matched) for nutrient in advice.nutrients},
        "cautions_about": {nutrient.id: list(nutrient.cautions) for nutrient in advice.nutrients},
        "advice": [item.id for item in advice.advice],
        "cautions": [item.id for item in advice.cautions],
    }


@pytest.mark.parametrize("one_by_one", [False, True])
def test_an_interview_ends_with_the_conclusions_that_asking_everything_gives(
    advising: advisor.Advisor, one_by_one: bool
) -> None:
    rng = random.Random(31)
    for _ in range(rounds(2_500, 100)):
        who = person(rng)
        interview = Interview(advising.knowledge, one_by_one)
        held(interview, who)
        assert told(advising, dict(interview.answers)) == told(advising, who), who
        advice = advising.advise(dict(interview.answers))
        assert concluded(advice) == by_the_contract(who), who
        chosen = [sign for sign in oracle.PRESSING if who[sign]]
        unknown = [sign for sign in oracle.PRESSING if who[sign] is None]
        rest = [sign for sign in oracle.PRESSING if sign not in chosen] if chosen else []
        assert list(advice.care.unanswered) == (unknown if one_by_one else rest)


def test_a_file_that_was_begun_in_any_way_is_resumed_to_the_same_conclusions(advising: advisor.Advisor) -> None:
    """Answers in no order of screens, some against each other: whatever they say, the rest that matters is asked."""
    rng = random.Random(47)
    for number in range(rounds(1_000, 60)):
        who = person(rng)
        begun = {name: who[name] for name in rng.sample(oracle.VOCABULARY, rng.randrange(20)) if who[name] is not None}
        for name in rng.sample(oracle.VOCABULARY, 2):
            if isinstance(begun.get(name), bool):
                begun[name] = not begun[name]
        said = who | begun
        interview = Interview(advising.knowledge, number % 2 == 0, start=begun)
        held(interview, said)
        # who denied cramps is not asked when they come, so only a file can say so
        denied = said["muscle_cramps"] is not True and "muscle_cramps" not in oracle.holding(
            name for name, given in interview.answers.items() if given is True
        )
        if denied:
            said |= {name: begun.get(name) for name in AFTER_CRAMPS}
        assert concluded(advising.advise(dict(interview.answers))) == by_the_contract(said), (begun, who)


AFTER_CRAMPS = (
    "cramps_at_night", "cramps_after_new_medicine", "cramps_when_walking", "cramps_persist", "cramps_disturb_sleep"
)  # fmt: skip


def test_what_is_asked_can_change_the_advice_and_what_is_not_asked_cannot(advising: advisor.Advisor) -> None:
    rng = random.Random(37)
    knowledge = advising.knowledge
    for _ in range(rounds(120, 12)):
        who = person(rng)
        interview = Interview(knowledge, one_by_one=rng.random() < 0.5)
        for _ in range(rng.randrange(14)):
            if question := interview.next():
                interview.answer(question.id, reply(question, who))
        known = dict(interview.answers)
        cramps = "muscle_cramps" in oracle.holding(name for name, given in known.items() if given is True)
        no_cramps = interview.given.get("muscle_cramps") is False and not cramps
        open_ = [name for name in knowledge.finding if name not in interview.given]
        open_ = [name for name in open_ if not (name in AFTER_CRAMPS and no_cramps)]
        most: People = {**dict.fromkeys(open_, True), **known}
        if "age" in open_:
            most["age"] = 80
        if "confirmed_deficiency" in open_:
            most["confirmed_deficiency"] = tuple(oracle.NUTRIENTS)
        question = interview.next()
        for name in question.findings if question else ():
            if name == "age":
                changed = [told(advising, {**most, "age": age}) for age in (10, 40, 80)]
                assert changed[0] != changed[1] != changed[2]
                continue
            # who says yes to what implies it has answered it
            rest = {other: given for other, given in most.items() if name not in oracle.IMPLIES.get(other, ())}
            yes, no = ({**rest, name: most[name]}, {**rest, name: () if name == "confirmed_deficiency" else False})
            unanswered = {key: value for key, value in rest.items() if key != name}
            assert told(advising, yes) != told(advising, no) or name in oracle.PRESSING, name
            assert advising.advise(unanswered).care.unanswered != () or name not in oracle.PRESSING
        if question is None:
            for name in open_:
                assert told(advising, {**known, name: most[name]}) == told(advising, dict(known)), name


def test_nothing_is_asked_twice_and_about_how_many_are_left_is_never_far_off(knowledge: Knowledge) -> None:
    rng = random.Random(41)
    for one_by_one, tolerance in ((False, 2), (True, 8)):
        for _ in range(rounds(200, 30)):
            interview = Interview(knowledge, one_by_one)
            who = person(rng)
            asked: list[str] = []
            estimates: list[int] = []
            while question := interview.next():
                estimates.append(interview.remaining)
                asked += question.findings
                interview.answer(question.id, reply(question, who))
            assert len(asked) == len(set(asked))
            assert interview.remaining == 0
            for step, estimate in enumerate(estimates):
                assert abs(estimate - (len(estimates) - step)) <= tolerance


def test_pressing_signs_are_asked_first_and_by_themselves(knowledge: Knowledge) -> None:
    question = Interview(knowledge).next()
    assert question is not None
    assert question.pressing
    assert sorted(question.findings) == sorted(oracle.PRESSING)
    single = Interview(knowledge, one_by_one=True)
    asked: list[str] = []
    while (question := single.next()) and len(asked) < len(oracle.PRESSING):
        asked.append(question.id)
        single.answer(question.id, False)
    assert sorted(asked) == sorted(oracle.PRESSING)


def test_signs_about_cramps_are_asked_only_after_cramps(knowledge: Knowledge) -> None:
    rng = random.Random(53)
    about = {finding.id for finding in knowledge.findings if finding.only_after == "muscle_cramps"}
    assert about == set(AFTER_CRAMPS)
    for one_by_one in (False, True):
        for _ in range(rounds(200, 30)):
            who, interview = person(rng), Interview(knowledge, one_by_one)
            while question := interview.next():
                if about & set(question.findings):
                    answered = interview.given
                    yes = oracle.holding(name for name, given in answered.items() if given is True)
                    # who does not know whether these are cramps is asked about them
                    assert "muscle_cramps" in yes or answered["muscle_cramps"] is None
                interview.answer(question.id, reply(question, who))


def test_once_a_pressing_sign_is_chosen_the_rest_is_unknown(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    interview.answer("pressing_signs", ["stroke_signs", "muscle_twitching"])
    assert interview.answers == {"stroke_signs": True, "muscle_twitching": True}
    assert set(interview.given) == set(oracle.PRESSING)
    interview = Interview(knowledge)
    interview.answer("pressing_signs", [])
    assert interview.answers == dict.fromkeys([f for f in oracle.VOCABULARY if f in oracle.PRESSING], False)


def test_the_rest_of_any_other_checklist_is_no(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    interview.answer("pressing_signs", [])
    interview.answer("muscles", ["muscle_aches"])
    assert interview.answers["muscle_cramps"] is False


def test_one_by_one_each_pressing_sign_has_its_own_answer(knowledge: Knowledge) -> None:
    interview = Interview(knowledge, one_by_one=True)
    for value in (True, None, False):
        question = interview.next()
        assert question is not None
        interview.answer(question.id, value)
    assert list(interview.given.values()).count(None) == 1
    assert sorted(map(str, interview.given.values())) == ["False", "None", "True"]
    assert interview.next() is not None
    assert interview.next().id in oracle.PRESSING  # type: ignore[union-attr]


def test_what_is_implied_is_not_asked(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    interview.answer("pressing_signs", ["cramps_after_fluid_loss"])
    asked: list[str] = []
    while question := interview.next():
        asked += question.findings
        interview.answer(question.id, None if question.kind == "number" else [] if question.options else False)
    assert {"cramps_at_night", "cramps_persist"} <= set(asked)
    assert not {"muscle_cramps", "dehydration"} & set(asked)
    assert not {"muscle_cramps", "dehydration"} & set(interview.given)


def test_an_option_that_another_one_implies_is_not_denied_by_leaving_it_out(knowledge: Knowledge) -> None:
    interview = Interview(knowledge, start=dict.fromkeys(oracle.PRESSING, False))
    interview.answer("muscles", ["muscle_cramps"])
    while (question := interview.next()) and question.id != "health":
        interview.answer(question.id, [])
    interview.answer("health", ["takes_warfarin"])
    assert "takes_medicines" not in interview.given
    interview.answer("takes_warfarin", False)
    assert interview.next() == interview.question("takes_medicines")


def test_a_contradiction_stands_as_it_is_and_the_yes_wins(advising: advisor.Advisor) -> None:
    start: Given = {"muscle_cramps": False, "cramps_at_night": True}
    interview = Interview(advising.knowledge, start=start)
    assert interview.answers == start
    who = dict.fromkeys(oracle.VOCABULARY, False) | {"age": 30, "confirmed_deficiency": [], "cramps_at_night": True}
    asked = [finding for question in held(interview, who) for finding in question.findings]
    assert {"cramps_persist", "inactivity"} <= set(asked)  # both matter only with cramps
    assert interview.answers["muscle_cramps"] is False
    advice = advising.advise(dict(interview.answers))
    assert advice.implied == ("muscle_cramps",)
    assert "vitamin_k2" in [nutrient.id for nutrient in advice.nutrients]


def test_pressing_signs_are_asked_even_where_no_rule_can_use_them_any_more(advising: advisor.Advisor) -> None:
    """An all-clear is given only where each of them was answered no."""
    denied: Given = dict.fromkeys([sign for sign in oracle.PRESSING if sign != "muscle_twitching"], False)
    interview = Interview(advising.knowledge, start={**denied, "muscle_cramps": False})
    assert advising.advise(dict(interview.answers)).care.unanswered == ("muscle_twitching",)
    assert interview.next() == interview.question("muscle_twitching")


def test_someone_without_complaints_meets_few_screens(knowledge: Knowledge) -> None:
    asked = held(
        Interview(knowledge), dict.fromkeys(oracle.VOCABULARY, False) | {"confirmed_deficiency": [], "age": 40}
    )
    assert [question.id for question in asked] == [
        "pressing_signs", "muscles", "body", "habits", "health", "age", "confirmed_deficiency",
    ]  # fmt: skip
    not_asked = set(oracle.VOCABULARY) - {finding for question in asked for finding in question.findings}
    assert {*AFTER_CRAMPS, "excessive_alcohol", "inactivity", "rarely_eats_dairy"} <= not_asked


def test_going_back_undoes_and_another_answer_plans_anew(knowledge: Knowledge) -> None:
    interview = Interview(knowledge)
    interview.answer("pressing_signs", [])
    before = interview.given
    interview.answer("muscles", ["muscle_cramps"])
    assert interview.next().id == "cramps"  # type: ignore[union-attr]
    assert interview.back()
    assert interview.given == before
    interview.answer("muscles", [])
    assert next_id(interview) == "body"
    assert interview.back()
    assert interview.back()
    assert not interview.back()
    assert interview.given == {}


def test_changing_an_answer_drops_what_no_longer_makes_sense(knowledge: Knowledge) -> None:
    interview = Interview(knowledge, start=dict.fromkeys(oracle.PRESSING, False))
    held(interview, dict.fromkeys(oracle.VOCABULARY, True) | {"age": 70, "confirmed_deficiency": []})
    assert interview.answers["cramps_at_night"] is True
    interview.answer("muscle_cramps", False)
    assert not set(AFTER_CRAMPS) & set(interview.given)
    assert interview.next() is None
    interview.answer("muscle_cramps", True)
    assert next_id(interview) == "cramps"


def test_changing_an_answer_drops_nothing_where_another_implies_the_yes(knowledge: Knowledge) -> None:
    start: Given = {"muscle_cramps": True, "cramp_over_10_minutes": True, "cramps_at_night": True}
    interview = Interview(knowledge, start=start)
    interview.answer("muscle_cramps", False)
    assert interview.answers == {**start, "muscle_cramps": False}


def test_an_interview_resumes_from_earlier_answers(knowledge: Knowledge) -> None:
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
    assert [rule.id for rule in fresh.why("age")] == [
        "cautions.child",
        "cautions.potassium_and_age",
        "vitamin_k2.trial_age",
    ]
    assert "calcium.low_intake" in [rule.id for rule in fresh.why("rarely_eats_dairy")]
    fresh.answer("pressing_signs", [])
    fresh.answer("muscles", [])
    assert "vitamin_k2.trial_age" not in [rule.id for rule in fresh.why("age")]


def test_why_leaves_out_what_leads_to_nothing(knowledge: Knowledge) -> None:
    nobody: Given = {**dict.fromkeys(oracle.VOCABULARY, False), "age": 40, "confirmed_deficiency": ()}
    interview = Interview(knowledge, start={name: given for name, given in nobody.items() if "rarely" not in name})
    assert interview.why("food") == ()
    assert interview.next() is None


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("muscles", ["muscle_cramps"]),  # not its turn
        ("nothing", True),
        ("pressing_signs", ["fatigue"]),
        ("pressing_signs", True),
        ("pressing_signs", "stroke_signs"),
        ("pressing_signs", {"stroke_signs": False}),
        ("pressing_signs", b""),
        ("pressing_signs", 3.5),
        ("pressing_signs", [["stroke_signs"]]),
        ("fatigue", "yes"),
        ("fatigue", 1),
        ("age", True),
        ("age", 121),
        ("age", -1),
        ("confirmed_deficiency", ["iron"]),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_changes_nothing(
    knowledge: Knowledge, question: str, value: Any
) -> None:
    interview = Interview(knowledge)
    with pytest.raises(AnswersError, match=question):
        interview.answer(question, value)
    assert interview.given == {}
    assert not interview.back()


def given(**answers: Any) -> dict[str, Any]:
    return answers


def test_unknown_names_and_answers_are_refused(knowledge: Knowledge) -> None:
    with pytest.raises(AnswersError, match="headache"):
        Interview(knowledge).question("headache")
    with pytest.raises(AnswersError, match="headache"):
        Interview(knowledge).why("headache")
    with pytest.raises(AnswersError, match="age must be a whole number"):
        Interview(knowledge, start=given(age="abc"))
    begun = Interview(knowledge, start=given(confirmed_deficiency=["calcium"], fatigue=None))
    assert begun.answers == {"confirmed_deficiency": ("calcium",)}
    assert begun.given == {"confirmed_deficiency": ("calcium",), "fatigue": None}
