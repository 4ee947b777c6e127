"""`diff` tells what a change of rules means: every difference in conclusions, and no other."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import oracle
import pytest
from builders import (
    ROOT,
    alternatives,
    rule,
    spoil,
    target,
    verb,
    with_alternatives,
    with_finding,
    with_more_rules,
    with_parts,
    with_rules,
    with_target,
)
from command import Run
from sizes import rounds

import advisor
from advisor.analysis.diff import Difference, compare
from advisor.model.knowledge import Knowledge, Rule

CLAUSES = oracle.contract()


def mutants(knowledge: Knowledge) -> Iterator[tuple[str, Knowledge]]:
    """The rule base with one rule changed: a rule or a condition dropped, a nutrient swapped, an alternative added."""

    def changed(what: str, old: Rule, new: Rule) -> tuple[str, Knowledge]:
        return f"{what} {old.id}", with_rules(knowledge, *(new if one is old else one for one in knowledge.rules))

    nutrients = list(knowledge.nutrient)
    for old in knowledge.rules:
        yield f"drop {old.id}", with_rules(knowledge, *(one for one in knowledge.rules if one is not old))
        first, *others = alternatives(old)
        if len(first) > 1:
            yield changed("drop a condition of", old, with_alternatives(old, first[1:], *others))
            yield changed("any for all in", old, with_alternatives(old, *((fact,) for fact in first), *others))
        if others:
            yield changed("drop an alternative of", old, with_alternatives(old, *others))
        if verb(old) in ("suggest", "support"):
            other = nutrients[(nutrients.index(target(old)) + 1) % len(nutrients)]
            yield changed("swap the nutrient of", old, with_target(old, other))
        if verb(old) != "derive":
            yield changed("widen", old, with_alternatives(old, *alternatives(old), ("finding:inactivity",)))


def agrees_with_the_contract(knowledge: Knowledge, people: list[oracle.Person]) -> bool:
    """What the tests of the contract ask: the same conclusions, ranks and findings as the table evaluated naively."""
    advising = advisor.Advisor(knowledge)
    for answers in people:
        advice, outcome = advising.advise(answers), oracle.evaluate(CLAUSES, answers)
        shown = {
            "advise": {item.id for item in advice.advice},
            "caution": {item.id for item in advice.cautions},
            "refer": {item.id for item in advice.care.items},
        }
        if [(n.id, n.support) for n in advice.nutrients] != outcome.ranking():
            return False
        if any(set(n.matched) != outcome.matched[n.id] for n in advice.nutrients):
            return False
        if any(shown[verb] != outcome.concluded(verb) for verb in shown):
            return False
    return True


def test_every_mutant_of_the_rules_is_seen_and_those_that_matter_are_caught(knowledge: Knowledge) -> None:
    rng = random.Random(61)
    chosen = rng.sample(list(mutants(knowledge)), rounds(60, 15))
    people = [oracle.random_answers(rng) for _ in range(rounds(150, 60))]
    people += [dict(example) for rule in knowledge.rules for example in rule.examples]
    people = [{k: list(v) if isinstance(v, tuple) else v for k, v in answers.items()} for answers in people]
    differing, caught = 0, 0
    for name, mutant in chosen:
        comparison = compare(knowledge, mutant)
        assert comparison.rules == (name.split()[-1],), name
        if comparison.differences:
            differing += 1
            caught += not agrees_with_the_contract(mutant, people)
        else:
            assert agrees_with_the_contract(mutant, people), name
    assert differing > len(chosen) / 2
    assert differing - caught <= max(1, differing // 20)


def standings(advice: advisor.Advice) -> dict[str, dict[str, Any]]:
    """What an advice says of each thing that can differ, as `diff` tells it."""
    return {
        "nutrient": {n.id: {"support": n.support, "matched": list(n.matched)} for n in advice.nutrients},
        "advice": {item.id: True for item in advice.advice},
        "caution": {item.id: True for item in advice.cautions},
        "care": {item.id: item.level for item in advice.care.items},
    }


def standing_in(advising: advisor.Advisor, findings: dict[str, Any], conclusion: Difference) -> object:
    """What becomes of a conclusion for these answers, as a witness shows it."""
    return standings(advising.advise(findings))[conclusion.kind].get(conclusion.id)


def test_each_case_shown_differs_as_reported_and_is_among_the_smallest(knowledge: Knowledge) -> None:
    rng = random.Random(62)
    for name, mutant in rng.sample(list(mutants(knowledge)), rounds(25, 6)):
        old, new = advisor.Advisor(knowledge), advisor.Advisor(mutant)
        for difference in compare(knowledge, mutant).differences:
            assert difference.complete
            assert difference.rules
            sizes = [len(case.findings) for case in difference.cases]
            assert sizes == sorted(sizes)
            for case in difference.cases:
                standing = [standing_in(one, case.findings, difference) for one in (old, new)]
                assert standing == [case.before, case.after], name


def test_every_difference_for_any_person_is_reported(knowledge: Knowledge) -> None:
    rng = random.Random(63)
    for name, mutant in rng.sample(list(mutants(knowledge)), rounds(12, 4)):
        told = {(one.kind, one.id) for one in compare(knowledge, mutant).differences}
        old, new = advisor.Advisor(knowledge), advisor.Advisor(mutant)
        for _ in range(60):
            answers = oracle.random_answers(rng)
            before, after = old.advise(answers), new.advise(answers)
            for nutrient in oracle.NUTRIENTS:
                matched = [[n.matched for n in one.nutrients if n.id == nutrient] for one in (before, after)]
                assert matched[0] == matched[1] or ("nutrient", nutrient) in told, name
            for kind, items in (("advice", "advice"), ("caution", "cautions")):
                ids = [{item.id for item in getattr(one, items)} for one in (before, after)]
                assert {(kind, item) for item in ids[0] ^ ids[1]} <= told, name


def test_a_number_that_moves_is_shown_by_the_numbers_between(run: Run, folders: Path) -> None:
    path = folders / "rules" / "vitamin_k2.yaml"
    path.write_text(path.read_text().replace("age >= 65", "age >= 66"))
    done = run("diff", ROOT, folders, "--format", "json")
    assert done.returncode == 1
    (one,) = json.loads(done.stdout)["differences"]
    assert (one["id"], one["kind"], one["complete"], one["differing"]) == ("vitamin_k2", "nutrient", True, 4)
    assert one["cases"][0] == {
        "findings": {"age": 65, "cramps_at_night": True}, "how": "changed",
        "before": {"support": 2, "matched": ["cramps_at_night", "age"]},
        "after": {"support": 1, "matched": ["cramps_at_night"]},
    }  # fmt: skip
    assert one["rules"] == ["vitamin_k2.trial_age"]


def test_a_change_of_words_alone_is_not_a_difference_in_meaning(run: Run, folders: Path) -> None:
    path = folders / "knowledge" / "guidance.yaml"
    path.write_text(path.read_text().replace("Drink enough", "Do drink enough", 1))
    done = run("diff", ROOT, folders)
    assert done.returncode == 0
    told = " ".join(done.stdout.decode().split())
    assert "Only words or sources - advice hydrate: text No difference in meaning." in told
    assert b"No difference." in run("diff", ROOT, ROOT).stdout


def test_what_cannot_be_compared_in_full_is_not_called_the_same(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.analysis.diff.SAMPLE", rounds(5_000, 300))
    findings = [finding.id for finding in knowledge.findings if finding.kind == "yes_no"][:16]

    def wide(left_out: str) -> Knowledge:
        facts = tuple(f"finding:{name}" for name in findings if name != left_out)
        return with_more_rules(knowledge, rule("wide", "refer", "clot_signs", facts))

    (one,) = compare(wide(""), wide("dry_skin")).differences
    assert (one.id, one.complete) == ("clot_signs", False)
    # cramps at night are cramps, so those need not be reported as well
    assert one.cases[0].findings == {name: True for name in findings if name not in ("dry_skin", "muscle_cramps")}


def test_another_vocabulary_or_order_is_a_difference(knowledge: Knowledge, advising: advisor.Advisor) -> None:
    turned = with_parts(knowledge, nutrients=knowledge.nutrients[::-1])
    assert [n.id for n in advisor.Advisor(turned).advise(["muscle_cramps"]).nutrients] != [
        n.id for n in advising.advise(["muscle_cramps"]).nutrients
    ]
    assert any("order of the nutrient records" in said for said in compare(knowledge, turned).vocabulary)
    assert compare(knowledge, with_finding(knowledge, "age", maximum=65)).vocabulary == (
        "finding age has maximum 65 instead of 120",
    )
    rules = [r for r in knowledge.rules if not any(f.startswith("confirmed") for a in alternatives(r) for f in a)]
    without = with_parts(
        with_rules(knowledge, *rules), findings=tuple(f for f in knowledge.findings if f.kind != "nutrients")
    )
    for one, other, said in ((knowledge, without, "gone"), (without, knowledge, "new")):
        comparison = compare(one, other)
        assert comparison.vocabulary == (f"finding confirmed_deficiency is {said}",)
        assert {d.id for d in comparison.differences} >= set(oracle.NUTRIENTS)


def test_what_a_finding_no_longer_implies_is_a_difference(knowledge: Knowledge) -> None:
    comparison = compare(knowledge, with_finding(knowledge, "cramps_persist", implies=()))
    assert comparison.vocabulary == ("finding cramps_persist implies nothing instead of muscle_cramps",)
    assert not comparison.rules
    assert not comparison.rewordings
    found = {one.id: one for one in comparison.differences}
    advising, other = advisor.Advisor(knowledge), advisor.Advisor(with_finding(knowledge, "cramps_persist", implies=()))
    before, after = advising.advise(["cramps_persist"]), other.advise(["cramps_persist"])
    assert {item.id for item in before.advice} - {item.id for item in after.advice} == {
        "during_a_cramp", "hydrate", "stretch", "balanced_diet"
    } <= set(found)  # fmt: skip
    assert {nutrient.id for nutrient in before.nutrients} <= set(found)
    assert {"vitamin_k2", "persistent_cramps", "child", "calf_stretch_before_bed"}.isdisjoint(found)
    # with cramps said as well, or implied by a cramp at night, nothing differs: those are patterns of their own
    stretch = found["stretch"]
    assert [case.findings for case in stretch.cases] == [{"cramps_persist": True}]
    assert (stretch.patterns, stretch.differing, stretch.complete) == (4, 1, True)
    assert found["twitching_with_cramps"].cases[0].findings == {"muscle_twitching": True, "cramps_persist": True}


def test_what_is_implied_on_both_sides_is_not_tried_twice(knowledge: Knowledge) -> None:
    """Cramps at night are tried by themselves, and not once more with the cramps that they are."""
    narrow = rule("lifestyle.stretch", "advise", "stretch", ("finding:cramps_at_night", "finding:fatigue"))
    rules = (narrow if one.id == narrow.id else one for one in knowledge.rules)
    (stretch,) = compare(knowledge, with_rules(knowledge, *rules)).differences
    assert (stretch.id, stretch.patterns, stretch.differing, stretch.complete) == ("stretch", 6, 3, True)
    assert [case.findings for case in stretch.cases] == [
        {"muscle_cramps": True}, {"cramps_at_night": True}, {"muscle_cramps": True, "fatigue": True}
    ]  # fmt: skip


def test_what_implies_the_same_in_another_way_is_no_difference(knowledge: Knowledge) -> None:
    """What is implied by way of another finding is meant too, whether or not it is written out."""
    known = with_finding(knowledge, "takes_warfarin", implies=("takes_medicines", "fatigue"))
    longer = with_finding(known, "cramps_after_new_medicine", implies=("muscle_cramps", "takes_warfarin"))
    both = with_finding(known, "cramps_after_new_medicine", implies=("takes_warfarin", "muscle_cramps", "fatigue"))
    assert not compare(longer, both).vocabulary
    assert not compare(longer, both).differences
    assert {one.id for one in compare(known, longer).differences} >= {"vitamin_k_and_warfarin", "potassium"}


def test_a_new_finding_that_implies_an_old_one_is_compared(knowledge: Knowledge) -> None:
    (cramps,) = [finding for finding in knowledge.findings if finding.id == "muscle_cramps"]
    calf = msgspec.structs.replace(cramps, id="calf_cramps", implies=("muscle_cramps",))
    known = with_parts(knowledge, findings=(*knowledge.findings, calf))
    for old, new, how in ((knowledge, known, "gained"), (known, knowledge, "lost")):
        comparison = compare(old, new)
        (stretch,) = [one for one in comparison.differences if one.id == "stretch"]
        assert [(case.findings, case.how) for case in stretch.cases] == [({"calf_cramps": True}, how)]


def test_any_two_vocabularies_are_told_apart_by_what_people_get(knowledge: Knowledge) -> None:
    """For random implications, whoever gets something else gets what was reported to differ, and the cases differ."""
    rng = random.Random(64)
    names = [finding.id for finding in knowledge.findings if finding.kind == "yes_no"]
    for _ in range(rounds(20, 4)):
        first, second = sorted(rng.sample(range(len(names)), 2))
        changed = with_finding(knowledge, names[second], implies=(names[first],))
        found = {(one.kind, one.id): one for one in compare(knowledge, changed).differences}
        old, new = advisor.Advisor(knowledge), advisor.Advisor(changed)
        for one in found.values():
            for case in one.cases:
                assert standing_in(old, case.findings, one) == case.before != case.after
                assert standing_in(new, case.findings, one) == case.after
        for _ in range(40):
            answers = oracle.random_answers(rng) | {names[second]: True}
            before, after = old.advise(answers), new.advise(answers)
            for kind, items in (("advice", "advice"), ("caution", "cautions")):
                ids = [{item.id for item in getattr(one, items)} for one in (before, after)]
                assert {(kind, item) for item in ids[0] ^ ids[1]} <= set(found)
            cares = [{item.id for item in one.care.items} for one in (before, after)]
            assert {("care", item) for item in cares[0] ^ cares[1]} <= set(found)
            matched = [{n.id: n.matched for n in one.nutrients} for one in (before, after)]
            assert {("nutrient", n) for n in oracle.NUTRIENTS if matched[0].get(n) != matched[1].get(n)} <= set(found)


def test_what_is_asked_or_shown_otherwise_is_a_difference_and_other_words_are_none(run: Run, folders: Path) -> None:
    def changed(file: str, old: str, new: str) -> dict[str, Any]:
        path = folders / "knowledge" / f"{file}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        done = run("diff", ROOT, folders, "--format", "json")
        path.write_text(text)
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == bool(found["differences"] or found["vocabulary"])
        assert found["rules"] == []
        return found

    card = changed("guidance", "card_only: true", "card_only: false")
    assert card["vocabulary"] == ["caution vitamin_d_too_much stands on cards alone: no instead of yes"]
    about = changed("guidance", "about: [potassium]", "about: [calcium, potassium]")
    assert about["vocabulary"] == ["caution potassium_build_up is about calcium, potassium instead of potassium"]
    screen = changed("interview", "    pressing: true\n", "")
    assert screen["vocabulary"] == ["screen pressing_signs is pressing: no instead of yes"]
    asked = changed("interview", "[pregnant, kidney_disease,", "[kidney_disease, pregnant,")
    assert [said.split(", ")[0] for said in asked["vocabulary"]] == ["screen health asks kidney_disease"]
    for differs in (card, about, screen, asked):
        assert differs["differences"] == differs["rewordings"] == []
    for file, old, what, field in (
        ("guidance", "label: One leg", "care item clot_signs", "label"),
        ("guidance", "sign: one leg", "care item clot_signs", "sign"),
        ("guidance", "heading_unanswered: This", "care level none", "heading_unanswered"),
        ("interview", "question: Are any of these true of what", "screen food", "question"),
        ("findings", "label: Habits", "group lifestyle", "label"),
        ("nutrients", "label: mixed", "evidence status mixed", "label"),
        ("sources", "read: the whole", "source article", "read"),
    ):
        words = changed(file, old, f"{old} indeed")
        assert words["differences"] == words["vocabulary"] == []
        assert words["rewordings"] == [{"what": what, "fields": [field]}]


def test_another_sign_that_has_to_be_denied_is_a_difference(knowledge: Knowledge) -> None:
    urgent = rule("cautious", "refer", "clot_signs", ("finding:numbness_or_swelling", "finding:pregnant"))
    known = with_more_rules(knowledge, urgent)
    for old, new, said in ((knowledge, known, "now needs"), (known, knowledge, "no longer needs")):
        assert compare(old, new).vocabulary == (f"an all-clear {said} a no to numbness_or_swelling",)


def test_a_care_level_that_changes_is_a_difference(run: Run, folders: Path) -> None:
    spoil(
        folders, "knowledge/guidance.yaml", "id: clot_signs\n    level: urgent", "id: clot_signs\n    level: emergency"
    )
    done = run("diff", ROOT, folders, "--format", "markdown")
    assert done.returncode == 1
    said = "- `one_leg_swollen_warm_or_red` is concluded otherwise (urgent before, emergency after)"
    assert said in done.stdout.decode()


def test_revisions_of_a_repository_can_be_compared(run: Run, folders: Path) -> None:
    def git(*arguments: str) -> None:
        options = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *options, *arguments], cwd=folders, check=True, capture_output=True)

    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-qm", "one")
    path = folders / "rules" / "cautions.yaml"
    path.write_text(path.read_text().replace("when: takes_warfarin", "when: {all: [takes_warfarin, pregnant]}"))
    git("commit", "-qam", "two")
    for old, new in (("rev:HEAD~1", "rev:HEAD"), ("rev:HEAD~1", ".")):
        done = run("diff", old, new, cwd=folders)
        assert done.returncode == 1, done.stderr
        assert "takes_warfarin is concluded no more" in done.stdout.decode()
    assert run("diff", "rev:HEAD~1", "rev:HEAD", cwd=folders / "rules").returncode == 1
    for revision in ("nonsense", "--help", "HEAD:rules"):
        done = run("diff", f"rev:{revision}", ".", cwd=folders)
        assert (done.returncode, done.stdout) == (2, b"")
        assert f"there is no revision '{revision}'" in done.stderr.decode()


def test_folders_that_cannot_be_compared_end_with_2(run: Run, tmp_path: Path) -> None:
    done = run("diff", tmp_path, ROOT)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"must hold the folders knowledge and rules" in done.stderr
