"""The advice is what the contract says, on every rule of its table and on thousands of random people."""

from __future__ import annotations

import json
import random

import oracle
import pytest
from builders import alternatives, rationale, target, verb
from sizes import rounds

import advisor
from advisor.model.knowledge import Knowledge

KEYS = "schema case knowledge answers implied care nutrients advice cautions disclaimers trace".split()
NUTRIENT_KEYS = "id name rank support matched evidence function foods ask_your_doctor cautions rules".split()
STEP_KEYS = ["step", "rule", "because", "concludes", "text", "basis", "source"]
EVIDENCE = {
    "magnesium": "mixed",
    "potassium": "mechanism",
    "calcium": "mechanism",
    "vitamin_d": "association",
    "vitamin_b6": "conditional",
    "vitamin_b12": "possible",
    "vitamin_k2": "emerging",
}


def test_the_vocabulary_is_that_of_the_contract(knowledge: Knowledge) -> None:
    assert list(knowledge.finding) == oracle.VOCABULARY
    kinds = {finding.id: finding.kind for finding in knowledge.findings if finding.kind != "yes_no"}
    assert kinds == {"age": "number", "confirmed_deficiency": "nutrients"}
    assert (knowledge.finding["age"].minimum, knowledge.finding["age"].maximum) == (0, 120)


def test_nutrients_and_guidance_stand_in_the_order_of_the_contract(knowledge: Knowledge) -> None:
    assert list(knowledge.nutrient) == oracle.NUTRIENTS
    assert {nutrient.id: nutrient.evidence.status for nutrient in knowledge.nutrients} == EVIDENCE
    assert [item.id for item in knowledge.advice] == oracle.ADVICE
    assert [item.id for item in knowledge.cautions] == oracle.CAUTIONS
    assert [item.id for item in knowledge.disclaimers] == oracle.DISCLAIMERS
    assert {item.id: item.level for item in knowledge.care} == oracle.CARE
    assert [item.id for item in knowledge.care] == list(oracle.CARE)
    assert {item.id for item in knowledge.cautions if item.card_only} == oracle.CARD_ONLY


def test_the_rules_are_exactly_the_table(knowledge: Knowledge) -> None:
    ours = [
        oracle.Clause(verb(rule), target(rule), premises) for rule in knowledge.rules for premises in alternatives(rule)
    ]
    assert sorted(ours) == sorted(oracle.contract())


def test_advice_follows_the_contract_for_random_people(advising: advisor.Advisor) -> None:
    rng = random.Random(20240601)
    clauses = oracle.contract()
    came_up = 0
    people = rounds(5_000, 500)
    for _ in range(people):
        answers = oracle.random_answers(rng)
        advice, expected = advising.advise(answers), oracle.evaluate(clauses, answers)
        assert list(advice.implied) == expected.implied, answers
        assert advice.care.level == expected.level()
        assert [item.id for item in advice.care.items] == expected.care()
        assert [item.id for item in advice.care.watch_for] == expected.watch_for()
        assert list(advice.care.unanswered) == expected.unanswered
        assert [(n.id, n.support) for n in advice.nutrients] == expected.ranking()
        assert [n.rank for n in advice.nutrients] == expected.ranks()
        for nutrient in advice.nutrients:
            wanted = expected.matched[nutrient.id]
            assert list(nutrient.matched) == [f for f in oracle.VOCABULARY if f in wanted]
            assert list(nutrient.cautions) == expected.cautions_about(nutrient.id)
        assert [item.id for item in advice.advice] == expected.advice()
        assert [item.id for item in advice.cautions] == expected.cautions()
        assert [item.id for item in advice.disclaimers] == oracle.DISCLAIMERS
        came_up += len(advice.nutrients)
    assert came_up > people  # the people were not all well


def test_the_json_has_the_keys_of_the_contract_in_their_order(advising: advisor.Advisor) -> None:
    everything = dict.fromkeys(oracle.VOCABULARY, True) | {"age": 80, "confirmed_deficiency": ["calcium"]}
    advice = json.loads(advisor.to_json(advising.advise(everything, case="x")))
    assert list(advice) == KEYS
    assert advice["schema"] == "nutrient-advisor/advice/2"
    assert list(advice["knowledge"]) == ["version", "digest"]
    assert advice["knowledge"]["digest"].startswith("sha256:")
    assert list(advice["answers"]) == oracle.VOCABULARY
    assert list(advice["care"]) == ["level", "items", "watch_for", "unanswered"]
    quiet = json.loads(advisor.to_json(advising.advise([])))
    assert all(list(sign) == ["id", "level", "sign"] for sign in quiet["care"]["watch_for"])
    assert all(list(item) == ["id", "level", "text", "rules"] for item in advice["care"]["items"])
    assert all(list(nutrient) == NUTRIENT_KEYS for nutrient in advice["nutrients"])
    assert all(list(nutrient["evidence"]) == ["status", "note"] for nutrient in advice["nutrients"])
    assert all(list(item) == ["id", "text", "rules"] for item in advice["advice"] + advice["cautions"])
    assert all(list(item) == ["id", "text"] for item in advice["disclaimers"])
    assert all(list(step) == STEP_KEYS for step in advice["trace"])


def test_the_trace_shows_premises_before_their_use_and_leads_to_everything_concluded(
    advising: advisor.Advisor, knowledge: Knowledge
) -> None:
    rng = random.Random(7)
    for _ in range(rounds(300, 100)):
        answers = oracle.random_answers(rng)
        advice = json.loads(advisor.to_json(advising.advise(answers)))
        held = {f"finding:{finding}" for finding in oracle.holding(f for f, a in answers.items() if a is True)}
        held |= {f"confirmed:{nutrient}" for nutrient in answers.get("confirmed_deficiency", [])}
        if isinstance(age := answers.get("age"), int):
            held |= {"finding:age>=65"} if age >= 65 else {"finding:age<=17"} if age <= 17 else set()
        for number, step in enumerate(advice["trace"], 1):
            assert step["step"] == number
            assert set(step["because"]) <= held, step
            assert step["source"]
            assert step["text"] == rationale(knowledge.rule[step["rule"]])
            held.add(step["concludes"])
        matches = [(step["rule"], tuple(step["because"])) for step in advice["trace"]]
        assert len(matches) == len(set(matches))
        shown = {f"suggested:{n['id']}" for n in advice["nutrients"]}
        for kind in ("advice", "caution"):
            shown |= {f"{kind}:{item['id']}" for item in advice["advice" if kind == "advice" else "cautions"]}
        shown |= {f"care:{item['id']}" for item in advice["care"]["items"]}
        kinds = ("suggested:", "advice:", "caution:", "care:")
        assert shown == {step["concludes"] for step in advice["trace"] if step["concludes"].startswith(kinds)}


def test_the_order_of_answers_changes_not_one_byte(advising: advisor.Advisor) -> None:
    rng = random.Random(11)
    for _ in range(rounds(300, 100)):
        answers = oracle.random_answers(rng)
        shuffled = dict(rng.sample(list(answers.items()), len(answers)))
        if isinstance(answers.get("confirmed_deficiency"), list):
            confirmed = list(answers["confirmed_deficiency"])
            shuffled["confirmed_deficiency"] = confirmed[::-1] + confirmed
        assert advisor.to_json(advising.advise(answers)) == advisor.to_json(advising.advise(shuffled))


def test_no_and_unknown_change_nothing_that_is_concluded(advising: advisor.Advisor) -> None:
    rng = random.Random(13)
    for _ in range(rounds(200, 60)):
        answers = oracle.random_answers(rng)
        without_no = {finding: answer for finding, answer in answers.items() if answer is not False}
        with_unknown = without_no | {f: "unknown" for f in oracle.VOCABULARY if f not in without_no}
        for variant in (without_no, with_unknown):
            assert concluded(advising.advise(variant)) == concluded(advising.advise(answers))


def concluded(advice: advisor.Advice) -> dict[str, object]:
    """What was concluded, without what was answered and what was not."""
    plain = json.loads(advisor.to_json(advice))
    del plain["answers"], plain["care"]["unanswered"]
    return dict(plain)


@pytest.mark.parametrize(
    ("answers", "nutrient", "matched"),
    [
        ({"cramps_at_night": True}, "magnesium", ["muscle_cramps", "cramps_at_night"]),  # what is implied counts
        ({"cramps_at_night": True, "muscle_cramps": True}, "calcium", ["muscle_cramps"]),
        ({"cramps_at_night": True, "age": 65}, "vitamin_k2", ["cramps_at_night", "age"]),
        ({"cramps_at_night": True, "age": 64}, "vitamin_k2", ["cramps_at_night"]),
        ({"confirmed_deficiency": ["vitamin_b6"]}, "vitamin_b6", ["confirmed_deficiency"]),
        ({"cramps_at_night": True, "muscle_cramps": False}, "calcium", ["muscle_cramps"]),
        (
            {"muscle_cramps": True, "low_sunlight": True, "rarely_eats_oily_fish": True, "rarely_eats_dairy": True},
            "calcium",
            ["muscle_cramps", "low_sunlight", "rarely_eats_dairy", "rarely_eats_oily_fish"],
        ),
    ],
)
def test_matched_findings_are_what_the_person_reported(
    advising: advisor.Advisor, answers: dict[str, object], nutrient: str, matched: list[str]
) -> None:
    found = {n.id: n.matched for n in advising.advise(answers).nutrients}
    assert list(found[nutrient]) == matched


def test_a_supporting_rule_alone_suggests_nothing(advising: advisor.Advisor) -> None:
    hungry = dict.fromkeys(oracle.LIFESTYLE, True)
    assert advising.advise(hungry).nutrients == ()
