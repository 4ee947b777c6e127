"""`check` finds what is wrong with a rule base, at its line, and proves what must hold; the shipped one is clean."""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import random
import re
from errno import ENOENT
from pathlib import Path

import jsonschema
import oracle
import pytest
import yaml
from builders import ROOT, place, spoil
from command import Run
from sizes import rounds

import advisor
from advisor.analysis.check import check
from advisor.analysis.report import Report

ARTICLE = ROOT.parent / "shared" / "article.txt"
needs_article = pytest.mark.skipif(not ARTICLE.exists(), reason="the article is not at hand")


def checked(folders: Path) -> Report:
    return check(folders / "knowledge", folders / "rules")


def test_the_shipped_rules_are_clean_and_proved() -> None:
    report = check(article=ARTICLE if ARTICLE.exists() else None)
    assert report.faults == ()
    assert report.warnings == ()
    assert all(proof.proved and proof.counterexample is None for proof in report.verdicts)
    assert len(report.verdicts) == 11
    assert (report.counts.passages, report.counts.used + report.counts.background) == (58, 58)
    assert report.counts.rules == report.counts.rules_with_examples == 67


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
    "an example that lacks an answer": ("rules/vitamin_k2.yaml", "{cramps_at_night: yes, age: 65}", "{cramps_at_night: yes, age: 64}", -9, "example"),
    "an alternative without an example": ("rules/cautions.yaml", "any: [takes_medicines, takes_warfarin]", "any: [takes_medicines, takes_warfarin, fatigue]", -2, "no-example"),
    "a duplicate": ("rules/magnesium.yaml", "  - id: magnesium.tension", "  - id: magnesium.again\n    when: muscle_cramps\n    suggest: magnesium\n    because: Again.\n    basis: stated\n    source: [table.magnesium]\n    examples: [[muscle_cramps]]\n\n  - id: magnesium.tension", 0, "duplicate-rule"),
    "a subsumed rule": ("rules/lifestyle.yaml", "rules:\n", "rules:\n  - id: lifestyle.a_stretch\n    when: {all: [muscle_cramps, fatigue]}\n    advise: stretch\n    because: Again.\n    basis: interpreted\n    source: [lifestyle.3]\n    examples: [[muscle_cramps, fatigue]]\n", 1, "subsumed"),
    "a dose": ("knowledge/guidance.yaml", "Drink enough", "Drink 500 ml, enough", 0, "language-dose"),
    "a dose in words": ("rules/magnesium.yaml", "because: Too little magnesium can make muscles", "because: Two tablets of magnesium can make muscles", 0, "language-dose"),
    "servings": ("knowledge/nutrients.yaml", "function: ", "function: Five servings. ", 0, "language-dose"),
    "a diagnosis": ("rules/vitamin_d.yaml", "because: Too little", "because: You have a vitamin D deficiency. Too little", 0, "language-diagnosis"),
    "another diagnosis": ("rules/potassium.yaml", "because: ", "because: You are deficient. ", 0, "language-diagnosis"),
    "a command": ("rules/magnesium.yaml", "because: Too little", "because: Take magnesium. Too little", 0, "language-command"),
    "a promise": ("rules/magnesium.yaml", "because: Too little", "because: Magnesium cures cramps. Too little", 0, "language-promise"),
    "another promise": ("knowledge/guidance.yaml", "Drink enough", "Drinking will stop cramps. Drink enough", 0, "language-promise"),
    "a proof and a condition": ("knowledge/invariants.yaml", "    proof: reachable", "    proof: reachable\n    if: fatigue", -2, "schema"),
    "a pattern too large": ("knowledge/language.yaml", "'\\bcures?\\b'", "'(a{1,99999999999}){99}'", -1, "schema"),
    "the same by another number": ("rules/vitamin_k2.yaml", "  - id: vitamin_k2.confirmed", "  - id: vitamin_k2.again\n    when: {all: [cramps_at_night, age > 64]}\n    support: vitamin_k2\n    because: Again.\n    basis: interpreted\n    source: [tan_2024.people]\n    examples: [{cramps_at_night: yes, age: 65}]\n\n  - id: vitamin_k2.confirmed", 0, "subsumed"),
    "a pattern that is none": ("knowledge/language.yaml", "'\\bcures?\\b'", "'(cures'", -1, "schema"),
    "a lost caution": ("rules/cautions.yaml", "any: [takes_medicines, takes_warfarin]", "any: [takes_medicines, fatigue]", None, "invariant"),
    "a caution that needs more": ("rules/cautions.yaml", "when: kidney_disease", "when: {all: [kidney_disease, takes_medicines]}", None, "invariant"),
    "a nutrient without a symptom": ("rules/potassium.yaml", "when: fatigue", "when: dehydration", None, "invariant"),
    "a warning sign that waits": ("knowledge/guidance.yaml", "  - id: clot_signs\n    level: urgent", "  - id: clot_signs\n    level: routine", None, "invariant"),
    "an emergency that is none": ("knowledge/guidance.yaml", "level: emergency", "level: urgent", None, "invariant"),
    "warfarin without its caution": ("rules/cautions.yaml", "all: [takes_warfarin, suggested:vitamin_k2]", "all: [takes_warfarin, suggested:vitamin_k2, age >= 65]", None, "invariant"),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
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


@pytest.mark.parametrize("name", [name for name, seed in SEEDS.items() if seed[4] == "invariant"])
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
            "{any: [suggested:vitamin_b6, care:toxic_exposure]}",
            "advice:stretch",
            {"confirmed_deficiency": ["vitamin_b6"]},
        ),
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
    assert not proofs["urgent_signs_are_urgent"].proved
    assert proofs["urgent_signs_are_urgent"].counterexample is None
    assert proofs["warfarin_and_vitamin_k2"].proved
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


def test_proofs_agree_with_random_people(knowledge: advisor.Knowledge) -> None:
    """The contract's evaluator knows nothing of slices: what is proved by patterns holds for whole people too."""
    clauses = oracle.contract()
    rng = random.Random(51)
    for _ in range(rounds(3_000, 500)):
        answers = oracle.random_answers(rng)
        outcome = oracle.evaluate(clauses, answers)
        cautions = outcome.concluded("caution")
        assert answers.get("kidney_disease") is not True or "kidney_disease" in cautions
        assert (
            not (answers.get("takes_warfarin") is True and "vitamin_k2" in outcome.matched)
            or "vitamin_k_and_warfarin" in cautions
        )
        for nutrient in outcome.matched:
            reported = {name for name in oracle.SYMPTOMS if answers.get(name) is True}
            assert reported or nutrient in answers.get("confirmed_deficiency", [])
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
    assert b"proved, 2,294 patterns" in clean.stdout
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
