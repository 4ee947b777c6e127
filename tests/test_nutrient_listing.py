"""`nutrients [ID]`: every nutrient can be looked up, whether it came up in a case or not."""

from __future__ import annotations

import json

import oracle
import pytest
from builders import ROOT, verb
from command import Run
from rich.cells import cell_len

from advisor.model.knowledge import Knowledge


def test_the_list_has_every_nutrient_with_what_it_does_and_the_evidence(run: Run, knowledge: Knowledge) -> None:
    labels = {status.id: status.label for status in knowledge.evidence_statuses}
    rows = [f"{one.id} {one.function} {labels[one.evidence.status]}" for one in knowledge.nutrients]
    narrow = run("nutrients", env={"COLUMNS": "40"}).stdout.decode()
    assert " ".join(narrow.split()) == f"Nutrients {' '.join(rows)}"
    table = run("nutrients").stdout.decode().splitlines()
    assert [line.split()[0] for line in table if line.strip().startswith(tuple(oracle.NUTRIENTS))] == oracle.NUTRIENTS


def test_as_json_a_nutrient_is_the_same_alone_and_in_the_list(run: Run) -> None:
    listed = json.loads(run("nutrients", "--format", "json").stdout)
    assert [entry["id"] for entry in listed] == oracle.NUTRIENTS
    for entry in listed:
        assert json.loads(run("nutrients", entry["id"], "--format", "json").stdout) == entry


def test_the_signs_of_a_nutrient_are_what_the_contract_says_brings_it_up(run: Run) -> None:
    clauses = [clause for clause in oracle.contract() if clause.verb == "suggest"]
    for entry in json.loads(run("nutrients", "--format", "json").stdout):
        facts = {fact for clause in clauses if clause.target == entry["id"] for fact in clause.premises}
        named = {fact.removeprefix("finding:") for fact in facts if fact.startswith("finding:")}
        assert set(entry["signs"]) == named | {"confirmed_deficiency"}
        assert entry["signs"] == [finding for finding in oracle.VOCABULARY if finding in entry["signs"]]


def test_cautions_and_rules_of_a_nutrient_are_those_about_it(run: Run, knowledge: Knowledge) -> None:
    for entry in json.loads(run("nutrients", "--format", "json").stdout):
        about = [caution for caution, nutrient in oracle.ABOUT_NUTRIENT.items() if nutrient == entry["id"]]
        assert [item["id"] for item in entry["cautions"]] == about
        behind = {rule.id for rule in knowledge.rules if rule.concludes.id == entry["id"] and verb(rule) != "caution"}
        assert behind <= set(entry["rules"])
        more = set(entry["rules"]) - behind
        assert all(verb(knowledge.rule[name]) == "derive" for name in more)
        assert entry["rules"] == [name for name in knowledge.rule if name in entry["rules"]]


@pytest.mark.parametrize("nutrient", oracle.NUTRIENTS)
@pytest.mark.parametrize("columns", [40, 80])
def test_one_nutrient_is_told_in_full_and_ends_as_a_result_does(
    nutrient: str, columns: int, run: Run, knowledge: Knowledge
) -> None:
    done = run("nutrients", nutrient, env={"COLUMNS": str(columns)})
    lines = done.stdout.decode().splitlines()
    assert all(cell_len(line) <= columns for line in lines)
    shown, entry = " ".join(" ".join(lines).split()), knowledge.nutrient[nutrient]
    for text in (entry.name, entry.function, entry.evidence.note, entry.ask_your_doctor, *entry.foods):
        assert text in shown
    for item in (*knowledge.cautions_about[nutrient], *knowledge.disclaimers):
        assert item.text in shown
    assert "Comes up with:" in shown
    assert f"confirmed low {entry.name[0].lower()}{entry.name[1:]}" in shown
    assert "may be worth discussing" not in shown  # that it came up is no sign of its own
    assert "[1] Essential Vitamins and Minerals for Muscle Function" in shown


def test_an_unknown_nutrient_is_answered_with_the_nearest(run: Run) -> None:
    done = run("nutrients", "magnesum")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "there is no nutrient 'magnesum' (did you mean 'magnesium'?)" in done.stderr.decode()


def test_nutrients_of_other_knowledge_are_listed(run: Run) -> None:
    done = run("nutrients", "--knowledge", ROOT / "knowledge", "--rules", ROOT / "rules", "--format", "json")
    assert len(json.loads(done.stdout)) == 7
