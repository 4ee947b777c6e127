"""`check` finds what is wrong with a rule base, at its line, and proves what must hold; the shipped one is clean."""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterable
from errno import ENOENT
from pathlib import Path
from typing import Any

import jsonschema
import oracle
import pytest
import yaml
from builders import ROOT, EngineOf, engine, place, rule, spoil, texts, with_finding, with_more_rules
from command import Run
from sizes import rounds

import advisor
from advisor.analysis import invariants
from advisor.analysis.check import check
from advisor.analysis.report import Report
from advisor.analysis.verify import verify
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer
from advisor.source.loader import read

ARTICLE = ROOT.parent / "shared" / "article.txt"
needs_article = pytest.mark.skipif(not ARTICLE.exists(), reason="the article is not at hand")


def checked(folders: Path) -> Report:
    return check(folders / "knowledge", folders / "rules")


def test_the_shipped_rules_are_clean_and_proved() -> None:
    report = check(article=ARTICLE if ARTICLE.exists() else None)
    assert report.faults == ()
    assert report.warnings == ()
    assert all(proof.proved and proof.counterexample is None for proof in report.verdicts)
    assert len(report.verdicts) == 25
    assert (report.counts.passages, report.counts.used + report.counts.background) == (93, 93)
    assert report.counts.rules == report.counts.rules_with_examples == 88


# name: file, what is replaced, by what, how many lines further down the fault is, and its code
SEEDS = {
    "unknown finding": ("rules/magnesium.yaml", "when: muscle_cramps", "when: muscle_cramp", 0, "unknown-name"),
    "unknown nutrient": ("rules/magnesium.yaml", "suggest: magnesium", "suggest: magnesum", 0, "unknown-name"),
    "unknown passage": ("rules/care.yaml", "[nhs_dvt.signs]", "[nhs_dvt.sign]", 0, "unknown-name"),
    "unknown derived fact": ("rules/calcium.yaml", "when: derived:low_calcium_risk", "when: derived:low_calcium", 0, "unknown-name"),
    "unknown advice": ("rules/lifestyle.yaml", "advise: stretch", "advise: strech", 0, "unknown-name"),
    "unknown care item": ("rules/care.yaml", "refer: clot_signs", "refer: clot_sign", 0, "unknown-name"),
    "unknown finding in an example": ("rules/care.yaml", "- [one_leg_swollen_warm_or_red]", "- [one_leg_swollen]", 0, "unknown-name"),
    "unknown evidence status": ("knowledge/nutrients.yaml", "status: mixed", "status: strong", 0, "unknown-name"),
    "unknown fact in an invariant": ("knowledge/invariants.yaml", "    if: kidney_disease", "    if: kidney_diseas", 0, "unknown-name"),
    "unknown conclusion in an invariant": ("knowledge/invariants.yaml", "then: caution:medicines", "then: caution:medicine", 0, "unknown-name"),
    "unknown proof": ("knowledge/invariants.yaml", "proof: reachable", "proof: reach", 0, "unknown-name"),
    "unknown key": ("rules/care.yaml", "because: One leg", "becuase: One leg", 0, "unknown-key"),
    "key missing": ("rules/care.yaml", "    because: One leg", "    # because: One leg", -3, "missing-key"),
    "no examples": ("rules/care.yaml", "    examples:\n      - [one_leg_swollen_warm_or_red]\n", "", -6, "missing-key"),
    "no passage": ("rules/care.yaml", "    source: [nhs_dvt.signs]\n", "", -5, "missing-key"),
    "a passage nothing cites": ("knowledge/sources.yaml", "        background: Describes the symptom.", "        # background: Describes the symptom.", -3, "uncited"),
    "a passage no longer cited": ("rules/vitamin_k2.yaml", "vitamins.vitamin_k2.2, tan_2024.people", "vitamins.vitamin_k2.2", None, "uncited"),
    "background that is cited": ("rules/care.yaml", "[nhs_dvt.signs]", "[nhs_dvt.signs, intro.1]", None, "background-cited"),
    "rule defined twice": ("rules/care.yaml", "id: care.clot_signs", "id: care.long_cramp", 9, "duplicate-id"),
    "rule defined in two files": ("rules/care.yaml", "id: care.clot_signs", "id: calcium.cramps", 0, "duplicate-id"),
    "broken YAML": ("rules/care.yaml", "source: [nhs_dvt.signs]", "source: [nhs_dvt.signs", 1, "syntax"),
    "a circle": ("rules/vitamin_d.yaml", "all: [low_sunlight,", "all: [derived:low_calcium_risk, low_sunlight,", -2, "circular"),
    "impossible age": ("rules/vitamin_k2.yaml", "age >= 65", "age > 120", 0, "never-fires"),
    "ages that exclude each other": ("rules/vitamin_k2.yaml", "[cramps_at_night, age >= 65]", "[cramps_at_night, age >= 65, age < 60]", -2, "never-fires"),
    "a fact that nothing concludes": ("rules/vitamin_d.yaml", "    derive: derived:low_calcium_risk", "    derive: derived:low_intake_potassium", None, "never-fires"),
    "a derived fact nobody uses": ("knowledge/derived.yaml", "derived:\n", "derived:\n  - id: nobody\n    label: Nobody uses it\n", 1, "unused-derived"),
    "a derived fact nobody derives": ("knowledge/derived.yaml", "derived:\n", "derived:\n  - id: nobody\n    label: Nobody derives it\n", 1, "underived"),
    "a finding no rule uses": ("rules/calcium.yaml", "when: brittle_nails", "when: dry_skin", None, "unused-finding"),
    "an advice no rule brings up": ("rules/lifestyle.yaml", "advise: calf_stretch_before_bed", "advise: stretch", None, "unused-guidance"),
    "a care item no rule brings up": ("rules/care.yaml", "refer: sleep_disturbed", "refer: persistent_cramps", None, "unused-guidance"),
    "a caution no rule brings up": ("rules/cautions.yaml", "caution: other_condition", "caution: medicines", None, "unused-guidance"),
    "an example that fires another rule": ("rules/magnesium.yaml", "      - [muscle_tension]", "      - [muscle_cramps]", -7, "example"),
    "an example that lacks an answer": ("rules/vitamin_k2.yaml", "{cramps_at_night: yes, age: 65}", "{cramps_at_night: yes, age: 64}", -8, "example"),
    "an alternative without an example": ("rules/lifestyle.yaml", "any: [muscle_cramps, muscle_aches, muscle_weakness]", "any: [muscle_cramps, muscle_aches, muscle_weakness, fatigue]", -4, "no-example"),
    "a duplicate": ("rules/magnesium.yaml", "  - id: magnesium.tension", "  - id: magnesium.again\n    when: muscle_cramps\n    suggest: magnesium\n    because: Again.\n    basis: stated\n    source: [table.magnesium]\n    examples: [[muscle_cramps]]\n\n  - id: magnesium.tension", 0, "duplicate-rule"),
    "a subsumed rule": ("rules/lifestyle.yaml", "rules:\n", "rules:\n  - id: lifestyle.a_stretch\n    when: {all: [muscle_cramps, fatigue]}\n    advise: stretch\n    because: Again.\n    basis: interpreted\n    source: [lifestyle.3]\n    examples: [[muscle_cramps, fatigue]]\n", 1, "subsumed"),
    "a dose": ("knowledge/guidance.yaml", "Drink enough", "Drink 500 ml, enough", -1, "language-dose"),
    "a dose in words": ("rules/magnesium.yaml", "because: Low magnesium is", "because: Two tablets of magnesium are", 0, "language-dose"),
    "a dose in the vocabulary": ("knowledge/findings.yaml", "help: Nails that", "help: Nails that daily", 0, "language-dose"),
    "a dose in a label": ("knowledge/guidance.yaml", "label: A cramp that", "label: Two pills and a cramp that", 0, "language-dose"),
    "a dose in a sign": ("knowledge/guidance.yaml", "sign: a cramp has", "sign: two pills and a cramp has", 0, "language-dose"),
    "a dose where signs were not answered": ("knowledge/guidance.yaml", "heading_unanswered: This is", "heading_unanswered: Two pills. This is", 0, "language-dose"),
    "servings": ("knowledge/nutrients.yaml", "function: ", "function: Five servings. ", 0, "language-dose"),
    "a diagnosis": ("rules/vitamin_d.yaml", "because: Low vitamin D can", "because: You have a vitamin D deficiency. Low vitamin D can", 0, "language-diagnosis"),
    "another diagnosis": ("rules/potassium.yaml", "because: ", "because: You are deficient. ", 0, "language-diagnosis"),
    "a command": ("rules/magnesium.yaml", "because: Low magnesium is", "because: Take magnesium. Low magnesium is", 0, "language-command"),
    "a word to stop a medicine": ("rules/magnesium.yaml", "because: Low magnesium is", "because: Stop your medicines. Low magnesium is", 0, "language-stopping"),
    "a promise": ("rules/magnesium.yaml", "because: Low magnesium is", "because: Magnesium cures cramps. Low magnesium is", 0, "language-promise"),
    "another promise": ("knowledge/guidance.yaml", "Drink enough", "Drinking will stop cramps. Drink enough", -1, "language-promise"),
    "a proof and a condition": ("knowledge/invariants.yaml", "    proof: reachable", "    proof: reachable\n    if: fatigue", -2, "schema"),
    "a pattern too large": ("knowledge/language.yaml", "'\\bcures?\\b'", "'(a{1,99999999999}){99}'", -1, "schema"),
    "the same by another number": ("rules/vitamin_k2.yaml", "  - id: vitamin_k2.confirmed", "  - id: vitamin_k2.again\n    when: {all: [cramps_at_night, age > 64]}\n    support: vitamin_k2\n    because: Again.\n    basis: interpreted\n    source: [tan_2024.people]\n    examples: [{cramps_at_night: yes, age: 65}]\n\n  - id: vitamin_k2.confirmed", 0, "subsumed"),
    "a pattern that is none": ("knowledge/language.yaml", "'\\bcures?\\b'", "'(cures'", -1, "schema"),
    "a lost caution": ("rules/cautions.yaml", "when: takes_medicines\n    caution: medicines", "when: fatigue\n    caution: medicines", None, "invariant"),
    "a caution that needs more": ("rules/cautions.yaml", "when: kidney_disease", "when: {all: [kidney_disease, takes_medicines]}", None, "invariant"),
    "a nutrient without a symptom": ("rules/potassium.yaml", "when: fatigue", "when: dehydration", None, "invariant"),
    "a warning sign that waits": ("knowledge/guidance.yaml", "level: urgent\n    label: One leg swollen, warm, red or darker\n    sign: one leg is swollen, warm, red or darker", "level: routine\n    label: One leg swollen", None, "invariant"),
    "an emergency that is none": ("knowledge/guidance.yaml", "level: emergency", "level: urgent", None, "invariant"),
    "warfarin without its caution": ("rules/cautions.yaml", "when: takes_warfarin", "when: {all: [takes_warfarin, age >= 65]}", None, "invariant"),
    "potassium without its caution": ("rules/cautions.yaml", "[suggested:potassium, kidney_disease]", "[suggested:potassium, kidney_disease, fatigue]", None, "invariant"),
    "a child without a caution": ("rules/cautions.yaml", "when: age <= 17", "when: age <= 16", None, "invariant"),
    "a word on too much that stands on no card": ("rules/cautions.yaml", "when: suggested:vitamin_b6", "when: {any: [suggested:vitamin_b6, muscle_cramps]}", None, "invariant"),
    "warfarin that is no medicine": ("knowledge/findings.yaml", "        implies: [takes_medicines]\n", "", None, "invariant"),
    "a lasting cramp that is no cramp": ("knowledge/findings.yaml", "      - id: cramp_over_10_minutes\n        implies: [muscle_cramps]\n", "      - id: cramp_over_10_minutes\n", None, "invariant"),
    "a finding that implies an unknown one": ("knowledge/findings.yaml", "implies: [muscle_cramps]", "implies: [muscle_cramp]", 0, "unknown-name"),
    "findings that imply each other": ("knowledge/findings.yaml", "      - id: muscle_cramps\n", "      - id: muscle_cramps\n        implies: [cramps_at_night]\n", 0, "circular"),
    "a finding without a label": ("knowledge/findings.yaml", "        label: Muscle cramps\n", "", -1, "missing-key"),
    "a care item without a label": ("knowledge/guidance.yaml", "    label: Breathlessness or chest pain\n", "", -2, "missing-key"),
    "a pressing care item without a sign": ("knowledge/guidance.yaml", "    sign: you are short of breath, or have pain in the chest\n", "", -3, "missing-key"),
    "pressing care without a warning sign": ("rules/care.yaml", "[muscle_twitching, muscle_cramps]", "[fatigue, muscle_cramps]", -2, "no-warning-sign"),
    "a sign among pressing ones that presses nothing": ("rules/care.yaml", "[muscle_twitching, muscle_cramps]", "[fatigue, muscle_cramps]", None, "pressing-screen"),
    "a pressing sign among everyday questions": ("knowledge/interview.yaml", "    pressing: true\n", "", -1, "pressing-screen"),
    "a caution for cards that has no card": ("knowledge/guidance.yaml", "    about: [vitamin_d]\n", "", -1, "never-shown"),
    "words that no level shows": ("knowledge/guidance.yaml", "    heading: Get medical help urgently\n", "    heading: Get medical help urgently\n    heading_unanswered: Never shown\n", -1, "never-shown"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SEEDS)[:: rounds(1, 3)])
def test_a_seeded_fault_is_found_by_its_code_at_its_line(name: str, folders: Path) -> None:
    file, old, new, offset, code = SEEDS[name]
    line = spoil(folders, file, old, new)
    report = checked(folders)
    found = [fault for fault in report.faults if fault.code == code]
    assert found, report.faults
    if offset is not None:
        places = [(Path(name).relative_to(folders).as_posix(), at) for name, at in map(place, found)]
        assert (file, line + offset) in places, found
    assert all(place(fault)[1] for fault in found)


def test_there_are_forty_seeds_and_more() -> None:
    assert len(SEEDS) >= 40
    assert len({seed[4] for seed in SEEDS.values()}) >= 18


@pytest.mark.parametrize("name", [name for name, seed in SEEDS.items() if seed[4] == "invariant"][:: rounds(1, 3)])
def test_a_counterexample_breaks_what_it_is_said_to_break(
    name: str, folders: Path, knowledge: advisor.Knowledge
) -> None:
    """Held against the contract's table: the spoilt rules differ from it on the symptom file that is shown."""
    file, old, new, _, _ = SEEDS[name]
    spoil(folders, file, old, new)
    spoilt = advisor.load(folders / "knowledge", folders / "rules")
    (broken, *_) = [proof for proof in checked(folders).verdicts if proof.counterexample]
    assert not broken.proved
    assert broken.counterexample
    findings = broken.counterexample["findings"]
    ours, theirs = advisor.Advisor(knowledge).advise(findings), spoilt.advise(findings)
    assert (ours.care, [n.id for n in ours.nutrients], [c.id for c in ours.cautions]) != (
        theirs.care, [n.id for n in theirs.nutrients], [c.id for c in theirs.cautions]
    )  # fmt: skip
    for finding in findings:  # and with an answer less it is broken no more, or is no case of it
        fewer = {name: answer for name, answer in findings.items() if name != finding}
        assert broken.id not in {
            p.id for p in checked(folders).verdicts if p.counterexample and p.counterexample["findings"] == fewer
        }


def test_a_caution_about_a_nutrient_that_no_rule_suggests_is_a_fault(folders: Path) -> None:
    path = folders / "rules" / "vitamin_k2.yaml"
    path.write_text(path.read_text().replace("suggest: vitamin_k2", "suggest: magnesium"))
    faults = [(fault.code, fault.message) for fault in checked(folders).faults]
    said = "caution 'vitamin_k_and_warfarin' is about 'vitamin_k2', which no rule suggests"
    assert ("unsuggested", said) in faults


def test_a_finding_has_a_use_if_a_rule_uses_what_it_implies(folders: Path) -> None:
    """Such as one of the many names for cramps: nothing more follows from it than from cramps."""
    spoil(
        folders,
        "knowledge/findings.yaml",
        "      - id: cramps_at_night\n",
        "      - {id: calf_cramps, implies: [muscle_cramps], label: L, question: Q?, help: H, synonyms: [s]}\n"
        "      - id: cramps_at_night\n",
    )
    spoil(folders, "knowledge/interview.yaml", "[muscle_cramps, ", "[muscle_cramps, calf_cramps, ")
    assert checked(folders).faults == ()
    spoil(folders, "knowledge/findings.yaml", "id: calf_cramps, implies: [muscle_cramps],", "id: calf_cramps,")
    assert [fault.code for fault in checked(folders).faults] == ["unused-finding"]


def test_the_invariants_speak_of_every_pressing_sign(knowledge: advisor.Knowledge) -> None:
    folders = read()
    claimed, _ = invariants.read(folders, knowledge)
    named = {
        str(name).removeprefix("finding:")
        for one in claimed
        if one.id in ("emergency_signs_are_emergencies", "urgent_signs_are_urgent", "urgent_with_cramps")
        for name in one.names
    }
    assert named >= set(knowledge.pressing_signs) == set(oracle.PRESSING)


def test_an_all_clear_for_what_was_not_answered_breaks_its_invariant(
    knowledge: advisor.Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the code that decides it spoilt in each of the ways in which it could be wrong."""
    (said,) = [one for one in invariants.read(read(), knowledge)[0] if one.id == "all_clear"]
    running = engine(knowledge)
    (verdict,) = verify([said], knowledge, running)
    assert (verdict.proved, verdict.counterexample) == (True, None)

    def broken(method: str, wrong: Callable[[Answers, advisor.Knowledge], object]) -> dict[str, Any]:
        with monkeypatch.context() as patched:
            patched.setattr(Answers, method, wrong)
            (verdict,) = verify([said], knowledge, running)
        assert verdict.counterexample is not None
        found: dict[str, Any] = verdict.counterexample["findings"]
        return found

    def no_yes(answers: Answers, known: advisor.Knowledge) -> bool:
        return not any(answers.given.get(sign) for sign in known.pressing_signs)

    def any_answer(answers: Answers, known: advisor.Knowledge) -> bool:
        return all(sign in answers.given for sign in known.pressing_signs)

    def never(answers: Answers, known: advisor.Knowledge) -> bool:
        return False

    def forgets_the_last(answers: Answers, known: advisor.Knowledge) -> tuple[str, ...]:
        return tuple(sign for sign in known.pressing_signs[:-1] if sign not in answers.given)

    assert broken("denies_pressing_signs", no_yes) == {}
    # alone of all signs, twitching brings up no reason by itself
    assert broken("denies_pressing_signs", any_answer)["muscle_twitching"] is True
    assert broken("denies_pressing_signs", never) == dict.fromkeys(knowledge.pressing_signs, False)
    assert broken("unanswered", forgets_the_last) == {}


def test_a_sign_that_another_answer_implies_is_not_denied(knowledge: advisor.Knowledge) -> None:
    """No such finding ships; a yes would stand even against a no to the sign."""
    known = with_finding(knowledge, "tingling", implies=("muscle_twitching",))
    denied: dict[str, Answer] = dict.fromkeys(known.pressing_signs, False)
    assert Answers("", denied).denies_pressing_signs(known)
    assert not Answers("", {**denied, "tingling": True}).denies_pressing_signs(known)
    (said,) = [one for one in invariants.read(read(), known)[0] if one.id == "all_clear"]
    (verdict,) = verify([said], known, engine(known))
    assert (verdict.proved, verdict.patterns) == (True, 2**10 + 2 * 11)


@pytest.mark.parametrize(
    ("lost_with", "counterexample"),
    [
        ({"dry_skin", "fatigue"}, {"fatigue": True, "dry_skin": True}),
        ({"dry_skin", "muscle_cramps"}, {"muscle_cramps": True, "dry_skin": True}),
        ({"dry_skin", "cramps_at_night"}, {"cramps_at_night": True, "dry_skin": True}),  # which are cramps as well
        ({"dry_skin", "age>=60"}, {"dry_skin": True, "age": 60}),  # a number that passes two tests, or none
        ({"cramps_at_night", "age>59"}, {"cramps_at_night": True, "age": 60}),
        ({"muscle_wasting"}, None),  # no rule for it has that in its condition
    ],
)
def test_an_engine_that_loses_something_with_a_further_answer_is_not_monotone(
    lost_with: set[str], counterexample: dict[str, Any] | None, knowledge: advisor.Knowledge
) -> None:
    each = ["dry_skin", "fatigue", "muscle_cramps", "cramps_at_night"]
    pregnant_at = ("finding:pregnant", "finding:age>=60", "finding:age>59")  # no number passes just one of them
    by_itself = [[f"finding:{name}"] for name in each]
    known = with_more_rules(knowledge, rule("any", "caution", "child", *by_itself, pregnant_at))
    running = engine(known)

    def fire(held: Iterable[Any]) -> tuple[Any, ...]:
        facts = list(held)
        lost = {f"finding:{name}" for name in lost_with} <= set(texts(facts))
        return tuple(firing for firing in running.fire(facts) if not lost or firing.rule.id != "any")

    (said,) = [one for one in invariants.read(read(), known)[0] if one.id == "monotone"]
    (verdict,) = verify([said], known, EngineOf(fire))
    assert verdict.proved == (counterexample is None)
    assert (verdict.counterexample and verdict.counterexample["findings"]) == counterexample


def test_an_author_can_add_an_invariant(folders: Path) -> None:
    path = folders / "knowledge" / "invariants.yaml"
    path.write_text(
        path.read_text()
        + """
  - id: fatigue_means_hydrate
    text: Fatigue brings the advice on drinking.
    if: fatigue
    then: {any: [advice:hydrate, {all: [tingling, care_level:routine]}]}
"""
    )
    report = checked(folders)
    (proof,) = [proof for proof in report.verdicts if proof.id == "fatigue_means_hydrate"]
    assert proof.counterexample == {"case": "fatigue_means_hydrate", "findings": {"fatigue": True}}
    (fault,) = report.faults
    assert (fault.code, Path(place(fault)[0]).name) == ("invariant", "invariants.yaml")
    assert place(fault)[1] == path.read_text().count("\n", 0, path.read_text().index("  - id: fatigue_means")) + 1


@pytest.mark.parametrize(
    ("given", "then", "counterexample"),
    [
        ("age >= 80", "caution:medicines", {"age": 80}),  # a test that no rule asks for
        ("{all: [age >= 60, age < 65, cramps_at_night]}", "suggested:vitamin_b6", {"cramps_at_night": True, "age": 60}),
        ("{all: [age >= 60, age < 50]}", "caution:medicines", None),  # nobody is
        ("age >= 70", "age >= 65", None),  # one number settles both
        ("confirmed:calcium", "{any: [suggested:calcium, fatigue]}", None),
        ("fatigue", "{any: [fatigue, tingling]}", None),
        ("fatigue", "tingling", {"fatigue": True}),
        (
            "derived:low_intake_calcium",
            "suggested:calcium",
            {"rarely_eats_leafy_greens": True, "rarely_eats_dairy": True},
        ),
        (
            "{any: [suggested:vitamin_b6, care:twitching_with_cramps]}",
            "advice:stretch",
            {"confirmed_deficiency": ["vitamin_b6"]},
        ),
        ("cramps_at_night", "muscle_cramps", None),  # what is implied holds, whether or not it was said
        ("muscle_cramps", "cramps_at_night", {"muscle_cramps": True}),
        ("cramps_persist", "cramps_disturb_sleep", {"cramps_persist": True}),
        ("cramps_after_fluid_loss", "{all: [muscle_cramps, dehydration, advice:stretch, advice:hydrate]}", None),
        ("takes_warfarin", "{all: [caution:medicines, caution:vitamin_k_and_warfarin]}", None),
        (
            "{all: [advice:stretch, excessive_alcohol]}",
            "kidney_disease",
            {"muscle_cramps": True, "excessive_alcohol": True},
        ),
        ("{all: [cramps_at_night, cramps_persist]}", "fatigue", {"cramps_at_night": True, "cramps_persist": True}),
    ],
)
def test_invariants_of_any_shape_are_judged_rightly(
    given: str, then: str, counterexample: dict[str, object] | None, folders: Path
) -> None:
    path = folders / "knowledge" / "invariants.yaml"
    path.write_text(f"invariants:\n  - id: tried\n    text: Tried.\n    if: {given}\n    then: {then}\n")
    (proof,) = checked(folders).verdicts
    assert proof.proved == (counterexample is None)
    assert (proof.counterexample and proof.counterexample["findings"]) == counterexample


def test_an_invariant_can_name_a_finding_that_no_rule_uses(folders: Path) -> None:
    spoil(folders, "rules/calcium.yaml", "when: brittle_nails", "when: dry_skin")
    path = folders / "knowledge" / "invariants.yaml"
    path.write_text(
        "invariants:\n  - id: nails\n    text: Nails.\n    if: brittle_nails\n    then: suggested:calcium\n"
    )
    (proof,) = checked(folders).verdicts
    assert proof.counterexample == {"case": "nails", "findings": {"brittle_nails": True}}


def test_what_is_too_wide_to_try_is_sampled_and_never_called_proved(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.analysis.patterns.WIDEST", 5)
    report = checked(folders)
    proofs = {proof.id: proof for proof in report.verdicts}
    for name in ("cramps_by_another_name", "all_clear"):
        assert not proofs[name].proved
        assert proofs[name].counterexample is None
    assert proofs["warfarin_caution"].proved
    assert report.faults == ()


def test_what_is_sampled_still_shows_a_smallest_case_and_possible_numbers(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.analysis.patterns.WIDEST", 1)
    path = folders / "knowledge" / "invariants.yaml"
    said = "{all: [suggested:vitamin_k2, age >= 70, age <= 20]}"
    path.write_text(
        "invariants:\n  - {id: one, text: One., if: suggested:vitamin_k2, then: caution:kidney_disease}\n"
        f"  - {{id: none, text: None., if: {said}, then: caution:kidney_disease}}\n"
        "  - {id: monotone, text: More., proof: monotone}\n"
    )
    one, none, monotone = checked(folders).verdicts
    assert one.counterexample is not None
    assert one.counterexample["findings"] in ({"cramps_at_night": True}, {"confirmed_deficiency": ["vitamin_k2"]})
    assert (none.counterexample, none.proved) == (None, False)
    assert (monotone.counterexample, monotone.proved) == (None, False)


def test_of_what_is_sampled_a_case_is_shown_with_no_answer_too_many(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no random pattern at all, all facts together are the first to break this."""
    monkeypatch.setattr("advisor.analysis.patterns.WIDEST", 1)
    monkeypatch.setattr("advisor.analysis.patterns.SAMPLE", 0)
    path = folders / "knowledge" / "invariants.yaml"
    given = (
        "{any: [{all: [fatigue, tingling, age >= 30, age <= 40]}, {all: [dry_skin, cramps_at_night, muscle_cramps]}]}"
    )
    path.write_text(f"invariants:\n  - id: both\n    text: Both.\n    if: {given}\n    then: kidney_disease\n")
    (verdict,) = checked(folders).verdicts
    assert verdict.counterexample is not None
    assert verdict.counterexample["findings"] in (
        {"fatigue": True, "tingling": True, "age": 30},
        {"cramps_at_night": True, "dry_skin": True},
    )


def test_what_is_sampled_has_all_that_just_leads_to_a_conclusion(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no random pattern at all: neither one fact alone nor all of them together would break this."""
    monkeypatch.setattr("advisor.analysis.patterns.WIDEST", 1)
    monkeypatch.setattr("advisor.analysis.patterns.SAMPLE", 0)
    path = folders / "knowledge" / "invariants.yaml"
    path.write_text(
        "invariants:\n  - id: diet\n    text: Diet.\n"
        "    if: {all: [suggested:vitamin_b6, poor_diet]}\n    then: excessive_alcohol\n"
    )
    (verdict,) = checked(folders).verdicts
    assert verdict.counterexample is not None
    assert verdict.counterexample["findings"] in (
        {"cramps_at_night": True, "poor_diet": True},
        {"muscle_cramps": True, "poor_diet": True},
    )


def test_a_rule_base_without_invariants_gets_a_warning(folders: Path) -> None:
    (folders / "knowledge" / "invariants.yaml").unlink()
    report = checked(folders)
    assert report.faults == ()
    assert [warning.code for warning in report.warnings] == ["no-invariants"]


def test_proofs_agree_with_random_people() -> None:
    """The contract's evaluator knows nothing of slices: what is proved by patterns holds for whole people too."""
    clauses = oracle.contract()
    rng = random.Random(51)
    brought = {"kidney_disease": "kidney_disease", "takes_warfarin": "vitamin_k_and_warfarin", "pregnant": "pregnancy"}
    for _ in range(rounds(3_000, 500)):
        answers = oracle.random_answers(rng)
        outcome = oracle.evaluate(clauses, answers)
        cautions = outcome.concluded("caution")
        held = oracle.holding(name for name, answer in answers.items() if answer is True)
        age = answers.get("age", 18)
        assert {caution for finding, caution in brought.items() if finding in held} <= cautions
        assert isinstance(age, int)
        assert age > 17 or "child" in cautions
        assert (
            not {"potassium"} <= set(outcome.matched)
            or "kidney_disease" not in held
            or "potassium_build_up" in cautions
        )
        for nutrient in outcome.matched:
            assert held.intersection(oracle.SYMPTOMS) or nutrient in answers.get("confirmed_deficiency", [])
        assert not held.intersection(oracle.PRESSING[:3]) or outcome.level() == "emergency"
        alone = {"new_weakness_or_numbness", "muscle_twitching"} if "muscle_cramps" not in held else set()
        assert not held.intersection(oracle.PRESSING) - alone or outcome.level() in ("emergency", "urgent")
        finding = rng.choice(oracle.SYMPTOMS + oracle.LIFESTYLE + oracle.WARNINGS)
        more = oracle.evaluate(clauses, {**answers, finding: True})
        assert set(outcome.matched) <= set(more.matched)


@needs_article
def test_with_the_article_what_changed_in_it_or_was_copied_is_found(folders: Path) -> None:
    text = ARTICLE.read_text("utf-8")
    sentence = next(line for line in text.splitlines() if line.endswith(".") and not line.startswith(("-", "|")))
    changed = folders / "article.txt"
    changed.write_text(text.replace(sentence, f"Quite another beginning. {sentence}"), "utf-8")
    report = check(folders / "knowledge", folders / "rules", changed)
    (fault,) = report.faults
    assert (fault.code, Path(place(fault)[0]).name) == ("passage-unlisted", "article.txt")
    assert place(fault)[1] == text[: text.index(sentence)].count("\n") + 1
    changed.write_text(text.replace("magnesium", "magnesia", 1), "utf-8")
    assert {fault.code for fault in check(folders / "knowledge", folders / "rules", changed).faults} == {
        "passage-changed", "passage-unlisted"
    }  # fmt: skip
    copied = " ".join(re.findall(r"\S+", sentence)[:12]).rstrip(".,")
    line = spoil(folders, "rules/care.yaml", "because: One leg", f"because: {copied}; one leg")
    faults = check(folders / "knowledge", folders / "rules", ARTICLE).faults
    assert {(fault.code, place(fault)[1]) for fault in faults} == {("copied", line)}


def test_the_command_tells_faults_with_their_place_and_ends_with_1(run: Run, folders: Path) -> None:
    clean = run("check", "--knowledge", "knowledge", "--rules", "rules", cwd=folders)
    assert clean.returncode == 0
    assert b"all_clear: proved, 1,044 patterns" in clean.stdout  # ten signs answered no or not, and a yes to each
    assert b"disclaimers: proved, 1 pattern\n" in clean.stdout
    assert b"No fault was found." in clean.stdout
    line = spoil(
        folders, "rules/cautions.yaml", "when: kidney_disease", "when: {all: [kidney_disease, takes_medicines]}"
    )
    done = run("check", "--knowledge", "knowledge", "--rules", "rules", cwd=folders)
    assert done.returncode == 1
    assert f"cautions.yaml:{line - 1}: example: example 1 of rule" in done.stdout.decode()
    shown = re.search(r"It does not hold for this symptom file:\n(.*?)\n\S*\n? \w+:", done.stdout.decode(), re.DOTALL)
    assert shown
    symptoms = yaml.safe_load("\n".join(part[3:] for part in shown[1].splitlines() if part.startswith("   ")))
    assert symptoms == {"case": "kidney_disease_cautions", "findings": {"kidney_disease": True}}


def test_json_and_sarif_say_the_same(run: Run, folders: Path) -> None:
    spoil(folders, "rules/care.yaml", "because: One leg", "because: Take a tablet daily. One leg")
    options = ("--knowledge", folders / "knowledge", "--rules", folders / "rules")
    report = json.loads(run("check", *options, "--format", "json").stdout)
    assert list(report) == ["faults", "warnings", "proofs", "coverage", "capacity"]
    assert all(list(fault) == ["code", "message", "file", "line"] for fault in report["faults"])
    assert all(list(proof) == ["id", "text", "patterns", "proved", "counterexample"] for proof in report["proofs"])
    assert list(report["coverage"]) == ["passages", "used", "background", "rules", "rules_with_examples"]
    done = run("check", *options, "--format", "sarif")
    assert done.returncode == 1
    sarif = json.loads(done.stdout)
    assert sarif["version"] == "2.1.0"
    (one,) = sarif["runs"]
    known = {rule["id"] for rule in one["tool"]["driver"]["rules"]}
    assert [(r["ruleId"], r["message"]["text"]) for r in one["results"]] == [
        (fault["code"], fault["message"]) for fault in report["faults"]
    ]
    assert {result["ruleId"] for result in one["results"]} == known
    place = one["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == (folders / "rules" / "care.yaml").as_uri()
    assert place["region"]["startLine"] == report["faults"][0]["line"]


@pytest.mark.skipif("SARIF_SCHEMA" not in os.environ, reason="SARIF_SCHEMA names no copy of the schema")
@pytest.mark.parametrize("spoilt", [None, "because", "refer"])
def test_sarif_is_what_its_schema_says(spoilt: str | None, run: Run, folders: Path) -> None:
    if spoilt:
        spoil(folders, "rules/care.yaml", f"    {spoilt}:", f"    x_{spoilt}:")
    schema = json.loads(Path(os.environ["SARIF_SCHEMA"]).read_text("utf-8"))
    options = ("--knowledge", folders / "knowledge", "--rules", folders / "rules")
    sarif = json.loads(run("check", *options, "--format", "sarif").stdout)
    jsonschema.validators.validator_for(schema)(schema).validate(sarif)
    assert bool(sarif["runs"][0]["results"]) == bool(spoilt)


def test_a_folder_that_cannot_be_read_is_an_error_and_not_a_fault(run: Run, tmp_path: Path) -> None:
    for options in (("--rules", tmp_path / "none"), ("--article", tmp_path / "none.txt")):
        done = run("check", *options)
        assert (done.returncode, done.stdout) == (2, b"")
        assert f"cannot be read: {os.strerror(ENOENT)}" in done.stderr.decode()
