"""What a finding implies holds before any rule is looked at, and what was not answered is never an all-clear."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
from builders import answered, answers, patterns

import advisor
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices

PRESSING = list(oracle.PRESSING)


def test_the_vocabulary_implies_what_the_contract_says(knowledge: Knowledge) -> None:
    declared = {finding.id: set(finding.implies) for finding in knowledge.findings if finding.implies}
    assert declared == {name: set(implied) for name, implied in oracle.IMPLIES.items()}


def test_an_implied_yes_stands_even_where_the_file_says_no(advising: advisor.Advisor) -> None:
    advice = advising.advise({"cramps_at_night": True, "muscle_cramps": False})
    assert advice.answers == {"muscle_cramps": False, "cramps_at_night": True}
    assert advice.implied == ("muscle_cramps",)
    assert "stretch" in {item.id for item in advice.advice}


def test_what_was_answered_yes_is_not_listed_as_implied(advising: advisor.Advisor) -> None:
    advice = advising.advise({"cramps_after_new_medicine": True, "muscle_cramps": True})
    assert advice.implied == ("takes_medicines",)


def test_implied_findings_count_as_support(advising: advisor.Advisor) -> None:
    (magnesium, *_) = advising.advise({"cramps_at_night": True}).nutrients
    assert magnesium.matched == ("muscle_cramps", "cramps_at_night")


@pytest.mark.parametrize("missing", PRESSING)
def test_a_pressing_sign_that_was_not_answered_is_named(missing: str, advising: advisor.Advisor) -> None:
    given = dict.fromkeys(PRESSING, False)
    assert advising.advise(given).care.unanswered == ()
    assert advising.advise({**given, missing: "unknown"}).care.unanswered == (missing,)
    del given[missing]
    assert advising.advise(given).care.unanswered == (missing,)


def test_what_is_implied_is_never_asked_of_a_pattern(knowledge: Knowledge, advising: advisor.Advisor) -> None:
    sliced = Slices(knowledge, advising.evaluate([]).engine)
    for rule in knowledge.rules:
        slice_ = sliced.of([rule])
        for pattern in patterns(sliced, slice_) if slice_.bit_count() <= 10 else ():
            shown = sliced.answers(pattern, slice_)
            assert sliced.case(shown) & slice_ == pattern
            assert not set(shown.implied(knowledge)) & {name for name, answer in shown.given.items() if answer is True}


def test_why_not_asks_for_no_more_than_is_needed(advising: advisor.Advisor) -> None:
    found: Any = advising.evaluate({}).why_not("stretch")
    assert [[fact.id for fact in way.missing] for way in found.ways] == [["muscle_cramps"]]


def test_a_proof_tells_what_implies_a_finding(advising: advisor.Advisor) -> None:
    why: Any = advising.evaluate(["cramps_at_night"]).why("stretch")
    (premise,) = why.proof.premises
    assert (premise.of.id, premise.basis) == ("muscle_cramps", "implied")
    assert [proof.of.id for proof in premise.premises] == ["cramps_at_night"]


def test_facts_of_implied_findings_name_themselves(knowledge: Knowledge) -> None:
    reported = answers({"takes_warfarin": True}).facts(knowledge)
    assert set(reported.values()) == {"takes_warfarin", "takes_medicines"}
    assert answered(["takes_warfarin"], knowledge).implied(knowledge) == ("takes_medicines",)


def test_what_was_denied_may_still_follow_from_what_implies_it(advising: advisor.Advisor) -> None:
    found: Any = advising.evaluate({"takes_medicines": False}).why_not("medicines")
    ways = [([fact.id for fact in way.missing], way.contradicts) for way in found.ways]
    assert (["takes_warfarin"], ("takes_medicines",)) in ways
    assert advising.evaluate({"takes_medicines": False}).what_if({"takes_warfarin": True}).changes


def test_gaining_or_losing_the_all_clear_is_a_change(advising: advisor.Advisor) -> None:
    denied = advising.evaluate(dict.fromkeys(PRESSING, False))
    assert denied.all_clear
    (change,) = denied.what_if({"stroke_signs": None}).changes
    assert (change.id, change.before, change.after) == ("all_clear", True, False)
    assert not advising.evaluate([]).what_if({"stroke_signs": False}).changes  # there was none, and there is none


def test_what_is_done_with_one_result_changes_no_other(advising: advisor.Advisor) -> None:
    first = advising.evaluate({"cramps_at_night": True})
    second = advising.evaluate(first.answers)
    before = advisor.to_json(second.advice)
    first.advice.answers["age"] = 3
    assert advisor.to_json(second.advice) == before
