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

KEYS = ["schema", "case", "knowledge", "answers", "care", "nutrients", "advice", "cautions", "disclaimers", "trace"]
NUTRIENT_KEYS = "id name rank support matched evidence function foods ask_your_doctor rules".split()
STEP_KEYS = ["step", "rule", "because", "concludes", "text", "basis", "source"]
ADVICE = ["hydrate", "stretch", "calf_stretch_before_bed", "moderate_exercise", "balanced_diet"]
CAUTIONS = ["kidney_disease", "medicines", "other_condition", "vitamin_k_and_warfarin"]
CARE = (
    "breathless_or_chest_pain clot_signs long_cramp toxic_exposure persistent_cramps sleep_disturbed "
    "numbness_or_swelling wasting_or_weakness"
).split()
DISCLAIMERS = ["not_medical_advice", "consult_before_supplements", "results_vary", "no_magic_bullet"]
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
    assert [item.id for item in knowledge.advice] == ADVICE
    assert [item.id for item in knowledge.cautions] == CAUTIONS
    assert [item.id for item in knowledge.disclaimers] == DISCLAIMERS
    assert [(item.id, item.level) for item in knowledge.care] == [(c, oracle.LEVELS.get(c, "routine")) for c in CARE]


def test_the_rules_are_exactly_the_table(knowledge: Knowledge) -> None:
    ours = [
        oracle.Clause(verb(rule), target(rule), premises) for rule in knowledge.rules for premises in alternatives(rule)
    ]
    assert sorted(ours) == sorted(oracle.contract())


def test_advice_follows_the_table_for_random_people(advising: advisor.Advisor) -> None:
    rng = random.Random(20240601)
    clauses = oracle.contract()
    concluded = 0
    people = rounds(5_000, 500)
    for _ in range(people):
        answers = oracle.random_answers(rng)
        expected = oracle.evaluate(clauses, answers)
        advice = json.loads(advisor.to_json(advising.advise(answers)))
        ours = [(n["id"], n["support"]) for n in advice["nutrients"]]
        assert ours == expected.ranking(), answers
        for nutrient in advice["nutrients"]:
            wanted = expected.matched[nutrient["id"]]
            assert nutrient["matched"] == [f for f in oracle.VOCABULARY if f in wanted], answers
        assert [n["rank"] for n in advice["nutrients"]] == list(range(1, len(ours) + 1))
        care = [c for c in CARE if c in expected.concluded("refer")]
        assert [item["id"] for item in advice["care"]["items"]] == care
        levels = [oracle.LEVELS.get(c, "routine") for c in care]
        assert advice["care"]["level"] == next((x for x in ("emergency", "urgent", "routine") if x in levels), "none")
        assert [item["id"] for item in advice["advice"]] == [a for a in ADVICE if a in expected.concluded("advise")]
        assert [i["id"] for i in advice["cautions"]] == [c for c in CAUTIONS if c in expected.concluded("caution")]
        assert [item["id"] for item in advice["disclaimers"]] == DISCLAIMERS
        concluded += len(ours)
    assert concluded > people  # the people were not all well


def test_the_json_has_the_keys_of_the_contract_in_their_order(advising: advisor.Advisor) -> None:
    everything = dict.fromkeys(oracle.VOCABULARY, True) | {"age": 80, "confirmed_deficiency": ["calcium"]}
    advice = json.loads(advisor.to_json(advising.advise(everything, case="x")))
    assert list(advice) == KEYS
    assert advice["schema"] == "nutrient-advisor/advice/1"
    assert list(advice["knowledge"]) == ["version", "digest"]
    assert advice["knowledge"]["digest"].startswith("sha256:")
    assert list(advice["answers"]) == oracle.VOCABULARY
    assert list(advice["care"]) == ["level", "items"]
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
        held = {f"finding:{finding}" for finding, answer in answers.items() if answer is True}
        held |= {f"confirmed:{nutrient}" for nutrient in answers.get("confirmed_deficiency", [])}  # type: ignore[attr-defined]
        if isinstance(answers.get("age"), int) and answers["age"] >= 65:  # type: ignore[operator]
            held.add("finding:age>=65")
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
            confirmed = list(answers["confirmed_deficiency"])  # type: ignore[call-overload]
            shuffled["confirmed_deficiency"] = confirmed[::-1] + confirmed
        assert advisor.to_json(advising.advise(answers)) == advisor.to_json(advising.advise(shuffled))


def test_no_and_unknown_change_nothing_that_is_concluded(advising: advisor.Advisor) -> None:
    rng = random.Random(13)
    for _ in range(rounds(200, 60)):
        answers = oracle.random_answers(rng)
        without_no = {finding: answer for finding, answer in answers.items() if answer is not False}
        with_unknown = without_no | {f: "unknown" for f in oracle.VOCABULARY if f not in without_no}
        full = json.loads(advisor.to_json(advising.advise(answers))) | {"answers": {}}
        for variant in (without_no, with_unknown):
            bare = json.loads(advisor.to_json(advising.advise(variant)))
            assert bare | {"answers": {}} == full


@pytest.mark.parametrize(
    ("answers", "nutrient", "matched"),
    [
        ({"cramps_at_night": True}, "magnesium", ["cramps_at_night"]),  # an implied fact leads back to its report
        ({"cramps_at_night": True, "muscle_cramps": True}, "calcium", ["muscle_cramps", "cramps_at_night"]),
        ({"cramps_at_night": True, "age": 65}, "vitamin_k2", ["cramps_at_night", "age"]),
        ({"cramps_at_night": True, "age": 64}, "vitamin_k2", ["cramps_at_night"]),
        ({"confirmed_deficiency": ["vitamin_b6"]}, "vitamin_b6", ["confirmed_deficiency"]),
        ({"cramps_at_night": True, "muscle_cramps": False}, "calcium", ["cramps_at_night"]),
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
