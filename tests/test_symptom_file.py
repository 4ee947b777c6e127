# ruff: noqa: E501
"""What a symptom file may say, and what is refused: each problem with its line, all of them at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import oracle
import pytest
import yaml
from builders import ROOT, AnswersError, diagnostics, messages, read_data, read_symptoms, said
from command import Run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sizes import rounds

from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge
from advisor.render import schemas
from advisor.source import symptom_file
from advisor.source.loader import load

KNOWLEDGE = load()


def read(text: str | bytes, name: str = "case.yaml") -> Answers:
    return read_symptoms(text if isinstance(text, bytes) else text.encode(), name, KNOWLEDGE)


def refused(text: str | bytes, name: str = "case.yaml") -> list[str]:
    with pytest.raises(AnswersError) as caught:
        read(text, name)
    return said(caught.value)


@pytest.mark.parametrize("word", ["yes", "Yes", "YES", "true", "True", "TRUE", '"yes"', "'TRUE'", "on"])
def test_yes_can_be_written_in_many_ways(word: str) -> None:
    assert read(f"findings: {{fatigue: {word}}}").given == {"fatigue": True}


@pytest.mark.parametrize("word", ["no", "No", "NO", "false", "False", '"no"', '"FALSE"', "off"])
def test_no_can_be_written_in_many_ways(word: str) -> None:
    assert read(f"findings: {{fatigue: {word}}}").given == {"fatigue": False}


@pytest.mark.parametrize("finding", ["fatigue", "age", "confirmed_deficiency"])
@pytest.mark.parametrize("word", ["unknown", "Unknown", '"UNKNOWN"'])
def test_unknown_is_the_same_as_leaving_it_out(finding: str, word: str) -> None:
    assert read(f"findings: {{{finding}: {word}}}").given == {}


def test_a_list_of_findings_means_yes_to_each() -> None:
    assert read("findings: [fatigue, muscle_cramps, fatigue]").given == {"muscle_cramps": True, "fatigue": True}


def test_answers_come_in_vocabulary_order_and_nutrients_in_theirs() -> None:
    given = read("findings: {confirmed_deficiency: [calcium, magnesium, calcium], age: 3, fatigue: no}").given
    assert list(given.items()) == [("fatigue", False), ("age", 3), ("confirmed_deficiency", ("magnesium", "calcium"))]


def test_yaml_and_json_say_the_same() -> None:
    content = {"case": "é ✓", "findings": {"fatigue": "Yes", "age": 40, "confirmed_deficiency": ["calcium"]}}
    as_json = json.dumps(content, indent="\t")
    assert read(as_json, "x.json") == read(as_json, "<stdin>") == read(yaml.safe_dump(content), "x.yaml")


@pytest.mark.parametrize(
    ("file", "case"), [("fatigue.yaml", "fatigue"), ("a.b.yml", "a.b"), ("x\x1b[31m.yaml", "x�[31m")]
)
def test_a_file_without_a_case_is_named_after_itself(tmp_path: Path, file: str, case: str) -> None:
    (tmp_path / file).write_text("findings: [fatigue]")
    assert symptom_file.read(tmp_path / file, KNOWLEDGE).case == case


def test_a_byte_order_mark_is_ignored() -> None:
    assert read(b"\xef\xbb\xbffindings: [fatigue]").given == {"fatigue": True}


# name -> (file name, content, the problems: line and a part of the message)
REFUSED: dict[str, tuple[str, str | bytes, list[tuple[int, str]]]] = {
    "unknown finding": ("x.yaml", "findings:\n  fatigu: yes", [(2, "unknown finding 'fatigu' (did you mean 'fatigue'")]),
    "a synonym": ("x.yaml", "findings:\n  pins and needles: yes", [(2, "did you mean 'tingling'")]),
    "a far name": ("x.yaml", "findings:\n  zzz: yes", [(2, "nutrient-advisor findings")]),
    "unknown in list": ("x.yaml", "findings:\n- fatigue\n- cramps_nite", [(3, "unknown finding 'cramps_nite'")]),
    "number in list": ("x.yaml", "findings:\n- fatigue\n- 3", [(3, "3 is not the id of a finding")]),
    "age in list": ("x.yaml", "findings: [age]", [(1, "age must be a whole number")]),
    "deficiency in list": ("x.yaml", "findings: [confirmed_deficiency]", [(1, "must be a list of nutrients")]),
    "number for yes": ("x.yaml", "findings: {fatigue: 1}", [(1, "fatigue must be yes, no or unknown, not 1")]),
    "text for yes": ("x.yaml", "findings: {fatigue: sometimes}", [(1, "not 'sometimes'")]),
    "nothing for yes": ("x.yaml", "findings:\n  fatigue:\n  age: 4", [(2, "not empty")]),
    "null": ("x.json", '{"findings": {"fatigue": null}}', [(1, "not empty")]),
    "list for yes": ("x.yaml", "findings: {fatigue: [yes]}", [(1, "not a list")]),
    "age negative": ("x.yaml", "findings: {age: -1}", [(1, "a whole number from 0 to 120")]),
    "age beyond": ("x.yaml", "findings: {age: 121}", [(1, "not 121")]),
    "age a fraction": ("x.yaml", "findings: {age: 70.5}", [(1, "'70.5'")]),
    "age octal": ("x.yaml", "findings: {age: 065}", [(1, "'065'")]),
    "age sexagesimal": ("x.yaml", "findings: {age: 1:10}", [(1, "'1:10'")]),
    "age a text": ("x.json", '{"findings": {"age": "70"}}', [(1, "'70'")]),
    "age yes": ("x.yaml", "findings: {age: yes}", [(1, "not yes")]),
    "age true": ("x.json", '{"findings": {"age": true}}', [(1, "not yes")]),
    "age NaN": ("x.json", '{"findings": {\n"age": NaN}}', [(2, "whole number")]),
    "age infinite": ("x.json", '{"findings": {"age": 1e999}}', [(1, "whole number")]),
    "age of 5,000 digits": ("x.json", '{"findings": {"age": ' + "9" * 5_000 + "}}", [(1, "whole number")]),
    "deficiency a text": ("x.yaml", "findings: {confirmed_deficiency: calcium}", [(1, "a list of nutrients")]),
    "deficiency yes": ("x.yaml", "findings: {confirmed_deficiency: yes}", [(1, "a list of nutrients")]),
    "deficiency unknown": ("x.yaml", "findings:\n  confirmed_deficiency:\n  - iron\n  - calcum", [(3, "'iron'"), (4, "'calcium'")]),
    "key twice": ("x.yaml", "findings:\n  fatigue: yes\n  age: 4\n  fatigue: no", [(4, "'fatigue' is given twice (first on line 2)")]),
    "key twice in JSON": ("x.json", '{"findings": {"age": 4,\n"age": 5}}', [(2, "'age' is given twice (first on line 1)")]),
    "findings twice": ("x.yaml", "findings: []\nfindings: []", [(2, "'findings' is given twice")]),
    "unknown key": ("x.yaml", "findings: []\ncases: x", [(2, "unknown key 'cases' (did you mean 'case'")]),
    "finding at the top": ("x.yaml", "findings: []\nfatigue: yes", [(2, "put it under 'findings'")]),
    "no findings": ("x.yaml", "case: x", [(1, "'findings' is missing")]),
    "findings a text": ("x.yaml", "findings: fatigue", [(1, "'findings' must be a mapping")]),
    "findings empty": ("x.yaml", "findings:", [(1, "'findings' must be a mapping")]),
    "a bare list": ("x.yaml", "- fatigue", [(1, "a symptom file is a mapping")]),
    "a bare text": ("x.json", '"fatigue"', [(1, "a symptom file is a mapping")]),
    "empty": ("x.yaml", "", [(0, "empty")]),
    "only a remark": ("x.yaml", "# nothing\n", [(0, "empty")]),
    "empty JSON": ("x.json", "", [(1, "not well-formed JSON")]),
    "case a number": ("x.yaml", "case: 17\nfindings: []", [(1, "put it in quotes")]),
    "case too long": ("x.yaml", f"case: {'x' * 201}\nfindings: []", [(1, "201 characters")]),
    "case with escape": ("x.json", '{"case": "\\u001b[31m", "findings": []}', [(1, "control character (U+001B)")]),
    "case of two lines": ("x.json", '{"case": "a\\nb", "findings": []}', [(1, "control characters")]),
    "case half a pair": ("x.json", '{"case": "\\ud800", "findings": []}', [(1, "control character (U+D800)")]),
    "case turned round": ("x.json", '{"case": "a\\u202eb", "findings": []}', [(1, "control characters")]),
    "not closed": ("x.yaml", "findings: [fatigue\n", [(2, "not well-formed YAML")]),
    "a comma missing": ("x.json", '{"findings":\n[1 2]}', [(2, "not well-formed JSON")]),
    "a tab": ("x.yaml", "findings:\n\tfatigue: yes", [(2, "not well-formed YAML")]),
    "latin-1": ("x.yaml", b"case: x\nfindings: [m\xfcde]", [(2, "not UTF-8 text (byte 0xfc)")]),
    "utf-16": ("x.yaml", "findings: []".encode("utf-16"), [(1, "UTF-16")]),
    "binary": ("x.yaml", b"\x00\x01\x02", [(1, "control character (U+0000)")]),
    "alias": ("x.yaml", "a: &a [x]\nfindings: *a", [(1, "anchors (&) and aliases (*)")]),
    "itself": ("x.yaml", "&a\nfindings: *a", [(1, "anchors (&) and aliases (*)")]),
    "laughs": ("x.yaml", "a: [&a [x, x], &b [*a, *a], &c [*b, *b]]", [(1, "anchors (&) and aliases (*)")]),
    "tag": ("x.yaml", "findings: !!python/object/apply:os.getpid []", [(1, "tags")]),
    "two documents": ("x.yaml", "findings: []\n---\nfindings: []", [(2, "second document")]),
    "deep YAML": ("x.yaml", "findings: " + "[" * 50_000, [(1, "levels deep")]),
    "deep JSON": ("x.json", '{"findings": ' + "[" * 50_000, [(1, "levels deep")]),
    "deep blocks": ("x.yaml", "\n".join(f"{' ' * n}a:" for n in range(200)), [(25, "levels deep")]),
    "huge": ("x.yaml", b"# " + b"x" * 1_000_001, [(0, "larger than 1 MB")]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_said_with_its_line(name: str) -> None:
    file, content, expected = REFUSED[name]
    found = refused(content, file)
    assert len(found) == len(expected), found
    for problem, (line, message) in zip(found, expected, strict=True):
        assert problem.startswith(f"{file}:{line}: " if line else f"{file}: "), problem
        assert message in problem
        assert len(problem) < 300
        assert problem.isprintable()


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_refuses_it_with_exit_2_and_no_output(name: str, run: Run, tmp_path: Path) -> None:
    file, content, expected = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    done = run("advise", path, "--format", "json")
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == len(expected)
    assert all(line.startswith(f"{path}:") for line in lines)


def test_all_problems_of_a_file_come_at_once() -> None:
    found = refused("case: 3\nfindings:\n  age: 200\n  fatig: yes\n  age: old\nx: 1")
    assert [problem.split(":")[1] for problem in found] == ["1", "3", "4", "5", "6"]


SPELLED = st.sampled_from(["yes", "No", "TRUE", "false", "unknown", "maybe", "", "y", "1", "UNKNOWN"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 130), SPELLED, st.text(max_size=4),
    st.lists(st.sampled_from([*oracle.NUTRIENTS, "iron", 3, True, None]), max_size=3),
    st.dictionaries(st.sampled_from(["a", "yes"]), st.booleans(), max_size=1),
)  # fmt: skip
NAMES = st.sampled_from(["fatigue", "age", "confirmed_deficiency", "takes_warfarin", "fatigu", "suggested:calcium"])
DOCUMENTS = st.one_of(
    st.fixed_dictionaries(
        {"findings": st.one_of(st.dictionaries(NAMES, VALUES, max_size=3), st.lists(NAMES, max_size=3), VALUES)},
        optional={"case": st.one_of(st.text(max_size=5), st.text(min_size=199, max_size=202), VALUES), "x": VALUES},
    ),
    VALUES,
)
VALIDATOR = jsonschema.Draft202012Validator(schemas.symptoms_schema(KNOWLEDGE))


@settings(max_examples=rounds(1_500, 200))
@given(DOCUMENTS)
@example({"findings": ["fatigue"], "case": "\u202e"})
@example({"findings": {}, "case": "\x7f"})
def test_the_json_schema_allows_exactly_what_is_accepted(document: Any) -> None:
    try:
        read_data(document, KNOWLEDGE)
        accepted = True
    except AnswersError:
        accepted = False
    assert VALIDATOR.is_valid(document) == accepted


@settings(max_examples=rounds(300, 100))
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_json_yaml_and_plain_data_are_judged_alike(findings: dict[str, Any]) -> None:
    document = {"findings": findings}
    outcomes: list[object] = []
    readings: list[Callable[[], Answers]] = [
        lambda: read_data(document, KNOWLEDGE),
        lambda: read(json.dumps(document), "x.json"),
        lambda: read(yaml.safe_dump(document, sort_keys=False), "x.yaml"),
    ]
    for reading in readings:
        try:
            outcomes.append(reading().given)
        except AnswersError as error:
            outcomes.append(set(messages(error)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@settings(max_examples=rounds(1_500, 200))
@given(st.one_of(st.binary(max_size=60), st.text("{}[]:,-'\"&*!|>%@` \nfindgsyeo01", max_size=60).map(str.encode)))
def test_any_bytes_lead_to_answers_or_problems(data: bytes) -> None:
    for name in ("x.json", "x.yaml"):
        try:
            assert isinstance(read(data, name), Answers)
        except AnswersError as error:
            assert diagnostics(error)
            assert all(map(str.isprintable, said(error)))


@pytest.mark.parametrize("file", sorted((ROOT / "examples").iterdir()), ids=lambda path: path.name)
def test_the_examples_are_symptom_files(file: Path, knowledge: Knowledge) -> None:
    assert symptom_file.read(file, knowledge).given
    VALIDATOR.validate(yaml.safe_load(file.read_text("utf-8")))
