"""A fault in the YAML is named with its file and line, together with all the others, and nothing is loaded."""

# ruff: noqa: E501
from __future__ import annotations

import os
import shutil
from errno import ENOENT
from pathlib import Path

import pytest
from builders import KnowledgeError, alternatives, said, spoil
from command import Run

import advisor
from advisor.source.loader import load


def faults(folders: Path) -> list[str]:
    """The problems of loading, as `file:line: message` with files named from the folder."""
    with pytest.raises(KnowledgeError) as caught:
        advisor.load(folders / "knowledge", folders / "rules")
    return [problem.removeprefix(f"{folders}/") for problem in said(caught.value)]


# file, what is replaced, by what, how many lines further down the fault is reported, and what is said
FAULTS = {
    "unknown finding": ("rules/magnesium.yaml", "when: muscle_cramps", "when: muscle_cramp", 0, "did you mean 'muscle_cramps'"),
    "unknown nutrient": ("rules/magnesium.yaml", "suggest: magnesium", "suggest: magnesum", 0, "did you mean 'magnesium'"),
    "unknown advice": ("rules/lifestyle.yaml", "advise: stretch", "advise: strech", 0, "unknown advice 'strech' (did you mean 'stretch'"),
    "unknown caution": ("rules/cautions.yaml", "caution: medicines", "caution: medecines", 0, "did you mean 'medicines'"),
    "unknown care item": ("rules/care.yaml", "refer: clot_signs", "refer: clot_sign", 0, "unknown care item"),
    "unknown derived fact": ("rules/calcium.yaml", "when: derived:low_calcium_risk", "when: derived:low_calcium", 0, "unknown derived fact"),
    "unknown confirmed nutrient": ("rules/calcium.yaml", "confirmed:calcium", "confirmed:calcum", 0, "did you mean 'calcium'"),
    "unknown kind of fact": ("rules/calcium.yaml", "confirmed:calcium", "proven:calcium", 0, "is not a condition"),
    "unknown passage": ("rules/care.yaml", "[nhs_dvt.signs]", "[nhs_dvt.sign]", 0, "unknown passage 'nhs_dvt.sign'"),
    "unknown basis": ("rules/care.yaml", "basis: interpreted", "basis: guessed", 0, "unknown basis"),
    "unknown key": ("rules/care.yaml", "because: One leg", "becuase: One leg", 0, "no key 'becuase' (did you mean 'because'"),
    "key missing": ("rules/care.yaml", "    because: One leg", "    # because: One leg", -3, "lacks 'because'"),
    "no conclusion": ("rules/care.yaml", "    refer: clot_signs\n", "", -2, "it has none"),
    "two conclusions": ("rules/care.yaml", "refer: clot_signs", "refer: clot_signs\n    advise: hydrate", -2, "advise and refer"),
    "age as yes or no": ("rules/vitamin_k2.yaml", "age >= 65]", "age]", 0, "compare it"),
    "impossible age": ("rules/vitamin_k2.yaml", "age >= 65", "age > 120", 0, "can never hold"),
    "comparison of a yes": ("rules/vitamin_k2.yaml", "age >= 65", "fatigue >= 65", 0, "unknown number"),
    "list as yes or no": ("rules/magnesium.yaml", "when: confirmed:magnesium", "when: confirmed_deficiency", 0, "'confirmed:"),
    "empty any": ("rules/care.yaml", "any: [muscle_wasting, muscle_weakness]", "any: []", 0, "needs a list"),
    "any and all": ("rules/care.yaml", "      any: [muscle_wasting, muscle_weakness]", "      any: [fatigue]\n      all: [fatigue]", -1, "a condition is"),
    "not": ("rules/care.yaml", "any: [muscle_wasting, muscle_weakness]", "not: [fatigue]", -1, "a condition is"),
    "derive a bare name": ("rules/lifestyle.yaml", "derive: derived:electrolyte_imbalance_risk", "derive: muscle_cramps", 0, "not a fact in full"),
    "derive a suggestion": ("rules/lifestyle.yaml", "derive: derived:electrolyte_imbalance_risk", "derive: suggested:calcium", 0, "not a fact in full"),
    "example unknown": ("rules/care.yaml", "- [one_leg_swollen_warm_or_red]", "- [one_leg_swollen]", 0, "unknown finding"),
    "example wrong": ("rules/vitamin_k2.yaml", "age: 65}", "age: old}", 0, "age must be a whole number"),
    "no example": ("rules/care.yaml", "examples:\n      - [one_leg_swollen_warm_or_red]", "examples: []", 0, "at least one"),
    "rule twice": ("rules/care.yaml", "id: care.clot_signs", "id: care.long_cramp", 9, "defined twice"),
    "rule twice in two files": ("rules/care.yaml", "id: care.clot_signs", "id: calcium.cramps", 0, "first at"),
    "id with a space": ("rules/care.yaml", "id: care.clot_signs", "id: care clot", 0, "is not an id"),
    "key twice": ("rules/care.yaml", "    basis: stated", "    basis: stated\n    basis: stated", 1, "given twice"),
    "a circle": ("rules/vitamin_d.yaml", "all: [low_sunlight,", "all: [derived:low_calcium_risk, low_sunlight,", -2, "circular derivation"),
    "a rule of itself": ("rules/calcium.yaml", "when: brittle_nails", "when: suggested:calcium", -1, "circular derivation"),
    "yaml broken": ("rules/care.yaml", "source: [nhs_dvt.signs]", "source: [nhs_dvt.signs", 1, "not well-formed YAML"),
    "yaml anchor": ("rules/care.yaml", "when: cramps_persist", "when: &x cramps_persist", 0, "anchors"),
    "yaml tag": ("rules/care.yaml", "when: cramps_persist", "when: !!python/name:os.system cramps_persist", 0, "tags"),
    "rules misspelt": ("rules/care.yaml", "\nrules:", "\nrulez:", 1, "no key 'rulez' (did you mean 'rules'"),
    "rule not a mapping": ("rules/care.yaml", "\nrules:\n", "\nrules:\n  - care\n", 2, "must be a mapping"),
    "evidence unknown": ("knowledge/nutrients.yaml", "status: mixed", "status: strong", 0, "unknown evidence status"),
    "evidence missing": ("knowledge/nutrients.yaml", "      status: mixed\n", "", -1, "lacks 'status'"),
    "foods as text": ("knowledge/nutrients.yaml", "foods: [bananas, sweet potatoes, avocados, spinach]", "foods: bananas", 0, "list of texts"),
    "name as number": ("knowledge/nutrients.yaml", "name: Calcium", "name: 20", 0, "must be a text"),
    "nutrient twice": ("knowledge/nutrients.yaml", "- id: potassium", "- id: magnesium", 0, "defined twice"),
    "care level none": ("knowledge/guidance.yaml", "level: emergency", "level: none", 0, "unknown care level 'none'"),
    "care level lacking": ("knowledge/guidance.yaml", "  - id: urgent\n    heading: Get medical help urgently\n", "  - id: urgnet\n    heading: Get medical help urgently\n", None, "'care_levels' lacks 'urgent'"),
    "kind unknown": ("knowledge/findings.yaml", "kind: number", "kind: numeric", 0, "unknown kind of answer"),
    "limits reversed": ("knowledge/findings.yaml", "maximum: 120", "maximum: -1", -3, "minimum above its maximum"),
    "limit as text": ("knowledge/findings.yaml", "maximum: 120", "maximum: old", 0, "must be a whole number"),
    "finding twice": ("knowledge/findings.yaml", "id: poor_diet", "id: fatigue", 0, "defined twice"),
    "second list": ("knowledge/findings.yaml", "      - id: cramps_persist\n", "      - id: cramps_persist\n        kind: nutrients\n", 0, "only one finding"),
    "disclaimer missing": ("knowledge/guidance.yaml", "  - id: results_vary\n", "  - id: results_may_vary\n", None, "every output carries all of them"),
    "escaped control": ("knowledge/about.yaml", "version: 2.0.0", 'version: "\\e[31m"', 0, "control character (U+001B)"),
    "too many conditions": ("rules/care.yaml", "when: one_leg_swollen_warm_or_red", "when: {all: [" + ", ".join(f"age >= {n}" for n in range(17)) + "]}", -1, "joins 17 conditions; the engine holds 16"),
    "too many alternatives": ("rules/care.yaml", "when: one_leg_swollen_warm_or_red", "when: {all: [" + ", ".join(f"any: [age > {n}, age > {n + 20}]".join("{}") for n in range(8)) + "]}", -1, "more than 255 alternatives"),
    "a long list": ("rules/care.yaml", "when: one_leg_swollen_warm_or_red", "when: {any: [" + "fatigue, " * 50_000 + "]}", -1, "more than 255 alternatives"),
    "screen of a stranger": ("knowledge/interview.yaml", "findings: [age]", "findings: [aeg]", 0, "unknown finding 'aeg' (did you mean 'age'"),
    "finding not asked": ("knowledge/interview.yaml", "findings: [age]", "findings: [fatigue]", None, "no screen asks age"),
    "finding asked twice": ("knowledge/interview.yaml", "findings: [pregnant,", "findings: [fatigue, pregnant,", -2, "which screen 'body' asks already"),
    "age in a checklist": ("knowledge/interview.yaml", "findings: [numbness_or_swelling,", "findings: [age, numbness_or_swelling,", -2, "needs a screen of its own"),
    "only after a stranger": ("knowledge/findings.yaml", "only_after: muscle_cramps", "only_after: muscle_cramp", 0, "unknown earlier finding 'muscle_cramp'"),
    "a question never shown": ("knowledge/interview.yaml", "  - id: age\n", "  - id: age\n    question: How old?\n", 0, "never shown"),
    "a checklist without question": ("knowledge/interview.yaml", "    question: Are any of these true of your habits?\n", "", -1, "lacks 'question'"),
    "implies a stranger": ("knowledge/findings.yaml", "implies: [takes_medicines]", "implies: [takes_medicine]", 0, "unknown finding of yes or no"),
    "implies itself": ("knowledge/findings.yaml", "implies: [takes_medicines]", "implies: [takes_warfarin]", None, "implies itself"),
    "about a stranger": ("knowledge/guidance.yaml", "about: [potassium]", "about: [potasium]", 0, "unknown nutrient 'potasium'"),
    "flag as text": ("knowledge/interview.yaml", "pressing: true", "pressing: very", 0, "must be yes or no"),
    "a sign below urgent": ("knowledge/guidance.yaml", "    label: Cramps that disturb sleep\n", "    label: Cramps that disturb sleep\n    sign: cramps disturb sleep\n", None, "which is for emergency and urgent items"),
    "an urgent item without sign": ("knowledge/guidance.yaml", "    sign: one leg is swollen, warm, red or darker\n", "", None, "lacks 'sign'"),
    "half an all-clear": ("knowledge/guidance.yaml", "    heading_unanswered: This is not an all-clear\n", "", None, "lacks 'heading_unanswered'"),
    "only after itself": ("knowledge/findings.yaml", "only_after: muscle_cramps", "only_after: cramps_at_night", 0, "unknown earlier finding"),
    "version missing": ("knowledge/about.yaml", "version: 2.0.0", "verzion: 2.0.0", 0, "no key 'verzion'"),
    "not utf-8": ("rules/care.yaml", "because: One leg", "because: \udce9ine", 0, "not UTF-8"),
    "control character": ("rules/care.yaml", "because: One leg", "because: \x1b[31mOne leg", 0, "control character"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_where_it_stands(folders: Path, name: str) -> None:
    file, old, new, below, message = FAULTS[name]
    line = spoil(folders, file, old, new)
    found = faults(folders)
    place = f"{file}:{line + below}: " if below is not None else f"{file}:"
    assert any(fault.startswith(place) and message in fault for fault in found), found


def test_all_faults_of_all_files_come_at_once(folders: Path) -> None:
    lines = [
        spoil(folders, "rules/magnesium.yaml", "when: muscle_cramps", "when: cramp"),
        spoil(folders, "rules/care.yaml", "refer: clot_signs", "refer: clots"),
        spoil(folders, "knowledge/nutrients.yaml", "name: Calcium", "name: []"),
    ]
    found = faults(folders)
    assert len(found) == 3
    assert [fault.split(":")[1] for fault in found] == [str(lines[2]), str(lines[1]), str(lines[0])]


def test_missing_and_stray_files_are_named(folders: Path) -> None:
    (folders / "knowledge/about.yaml").rename(folders / "knowledge/abuot.yaml")
    found = faults(folders)
    assert "knowledge/about.yaml: is missing" in found
    assert "knowledge/abuot.yaml: not one of the knowledge files (did you mean 'about'?)" in found


def test_two_files_of_one_name_are_refused(folders: Path) -> None:
    shutil.copy(folders / "rules/care.yaml", folders / "rules/care.yml")
    assert any(fault.startswith("rules/care.yml: stands beside") for fault in faults(folders))


def test_missing_folders_are_named(tmp_path: Path, run: Run) -> None:
    done = run("findings", "--knowledge", tmp_path / "none", "--rules", tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        f"{tmp_path}: holds no .yaml files",
        f"{tmp_path / 'none'}: cannot be read: {os.strerror(ENOENT)}",
    ]


def test_the_digest_follows_the_content_and_not_the_layout(folders: Path) -> None:
    shipped = load().digest
    path = folders / "rules/care.yaml"
    path.write_text("# a remark\n\n" + path.read_text("utf-8").replace("\n", "\r\n"), "utf-8", newline="")
    assert load(folders / "knowledge", folders / "rules").digest == shipped
    spoil(folders, "rules/care.yaml", "because: One leg", "because: A leg")
    assert load(folders / "knowledge", folders / "rules").digest != shipped


def test_a_rule_can_be_added_without_python(folders: Path) -> None:
    (folders / "rules/mine.yaml").write_text(
        """rules:
  - id: mine.tired_and_old
    when:
      all: [fatigue, {any: [age >= 80, {all: [poor_diet, age > 60]}]}]
    support: potassium
    because: A sentence of ours.
    basis: interpreted
    source: [table.potassium]
    examples:
      - {fatigue: yes, age: 80}
""",
        "utf-8",
    )
    knowledge = load(folders / "knowledge", folders / "rules")
    assert alternatives(knowledge.rule["mine.tired_and_old"]) == (
        ("finding:fatigue", "finding:age>=80"),
        ("finding:fatigue", "finding:poor_diet", "finding:age>60"),
    )


def test_rules_alone_can_be_exchanged(folders: Path, run: Run) -> None:
    (folders / "rules/potassium.yaml").unlink()
    done = run("advise", "-", "--rules", folders / "rules", stdin=b"findings: [muscle_cramps]")
    assert done.returncode == 0
    assert b"Potassium" not in done.stdout
    assert b"Magnesium" in done.stdout
