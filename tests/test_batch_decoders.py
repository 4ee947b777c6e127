"""What a line, a row and a symptom file say: the short way through a plain line is the long way, only shorter."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import Any

import oracle
import pytest
from builders import AnswersError, chunk, diagnostics, place, read_symptoms, slices
from builders import row as table_row
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import rounds

import advisor
from advisor.batch import csv_reader
from advisor.batch.chunks import Row, Unusable
from advisor.batch.decoders import Decoder
from advisor.batch.mapper import Mapper, Outcome
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge

KNOWLEDGE = advisor.load().knowledge
SLICES = slices(KNOWLEDGE)
DECODER = Decoder(SLICES)


def strictly(line: bytes) -> Answers | None:
    """What a symptom file with this content says; None where it is refused."""
    try:
        return read_symptoms(line, "x.json", KNOWLEDGE, case="stem:7")
    except AnswersError:
        return None


def agrees(line: bytes) -> bool:
    """Tell whether the line is a case; fail where the reader of batches and that of symptom files differ on it."""
    expected = strictly(line)
    try:
        case = DECODER.line(line, "f.jsonl", 7, "stem")
    except AnswersError as error:
        assert expected is None, f"{line!r} is refused: {error}"
        assert {place(found) for found in diagnostics(error)} == {("f.jsonl", 7)}
        return False
    assert expected is not None, f"{line!r} is let through"
    assert (case.name, dict(case.given), case.facts) == (expected.case, expected.given, SLICES.case(expected))
    assert {name: type(answer) for name, answer in case.given.items()} == {
        name: type(answer) for name, answer in expected.given.items()
    }
    return True


def spoilt(rng: random.Random) -> bytes:
    """A line with something wrong with it, or nearly."""
    answers: Any = oracle.random_answers(rng)
    document: Any = {"case": f"case {rng.randrange(99)}", "findings": answers}
    name = rng.choice(list(answers) or ["fatigue"])
    odd: list[Any] = [None, 0, 1, -1, 121, 70.0, 1e3, "70", "Yes", "UNKNOWN", "maybe", "", {}, True]
    odd += [[], ["iron"], ["magnesium"] * 2]
    match rng.randrange(16):
        case 0:
            answers[name] = rng.choice(odd)
        case 1:
            answers["age"] = rng.choice(odd)
        case 2:
            answers["confirmed_deficiency"] = rng.choice([*odd, ["magnesium", "potassium"], ["potassium", "magnesium"]])
        case 3:
            answers["fatique"] = True
        case 4:
            document["findings"] = rng.choice(
                [list(answers), [*answers, *answers], [1], None, "fatigue", [["fatigue"]]]
            )
        case 5:
            document["case"] = rng.choice(
                [None, 1, "", " ", "x" * 200, "x" * 201, "a\nb", 'a"b', "\u202e", "é", "😀", "\ud800", "\u00a0"]
            )
        case 6:
            document[rng.choice(["cases", "finding", "notes"])] = 1
        case 7:
            del document[rng.choice(["case", "findings"])]
    line = json.dumps(document, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    match rng.randrange(14):
        case 0:
            line = line[: rng.randrange(len(line) + 1)]
        case 1:
            place = rng.randrange(len(line))
            line = (
                line[:place]
                + rng.choice([b"", b'"', b"\x00", b"\xff", b",", b"\\", b"\t", b" ", b"}", b"\x7f"])
                + line[place:]
            )
        case 2:
            line = line.replace(b'"findings": {', b'"findings": {"fatigue": true, ', 1)
        case 3:
            line = line.replace(b'"findings"', b'"f\\u0069ndings"', 1)
        case 4:
            line = (
                rng.choice([b"\xef\xbb\xbf", b" ", b"\r", b"[", b"\xff\xfe"])
                + line
                + rng.choice([b"\r", b" ", b"x", b"\n"])
            )
        case 5:
            line = line.replace(b"{", b'{"case": "twice", ', 1)
        case 6:
            line = line.replace(b"true", rng.choice([b"True", b"yes", b"1", b'"yes"', b'"\\u0079es"', b"null"]), 1)
        case 7:
            line = line.replace(b"true", b"[" * 40 + b"]" * 40, 1)
    return line


def test_thousands_of_lines_good_and_bad_are_read_as_symptom_files_are() -> None:
    rng = random.Random(21)
    judged = [agrees(spoilt(rng)) for _ in range(rounds(6_000, 600))]
    assert judged.count(False) > len(judged) / 4
    assert judged.count(True) > len(judged) / 4


@settings(max_examples=rounds(400, 100))
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_read_as_a_symptom_file_would_be(line: bytes) -> None:
    if b"\n" not in line:
        agrees(line)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["age", "fatigue", "confirmed_deficiency"])
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner)


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 130)
    | st.floats()
    | st.sampled_from(["yes", "magnesium", "fatigue", ""])
)
JSON = PLAIN | nested(PLAIN) | nested(nested(PLAIN))


@settings(max_examples=rounds(400, 100))
@given(st.fixed_dictionaries({"findings": JSON}, optional={"case": JSON}))
def test_any_json_is_read_as_a_symptom_file_would_be(document: Any) -> None:
    agrees(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("line", "is_a_case"),
    [
        (rb'{"case": "a:b", "findings": {"fatigue": true}}', True),
        (rb'{"case": "a\u003ab", "findings": {"fatigue": true}}', True),
        (rb'{"case": "a:\u00e9", "findings": {"fatigue": true}}', True),
        (rb'{"findings" : {"fatigue" : true, "age" : 70}}', True),
        (rb'{"findings": {"fatigue": true, "fatigue": true}}', False),
        (rb'{"case": "a:b", "findings": {"fatigue": true, "fatigue": true}}', False),
        (rb'{"case": "a\u003ab", "findings": {"fatigue": true, "fatigue": true}}', False),
        (rb'{"case": "a", "case": "b:c", "findings": []}', False),
        (rb'{"case": "a:b", "case": "c", "findings": []}', False),
        (rb'{"case": "a", "findings": [], "findings": ["fatigue"]}', False),
    ],
)
def test_a_key_given_twice_is_noticed_whatever_colons_the_name_has(line: bytes, is_a_case: bool) -> None:
    assert agrees(line) == is_a_case


@pytest.mark.parametrize(
    ("record", "at_fault"),
    [
        (b"a\rb,1", True),
        (b'"a\nb",\r1', True),
        (b'"a\rb",c\rd', True),
        (b'"a\rb"x,1', False),  # the first carriage return is inside quotes, and something follows them
        (b'"a"x\r,1', False),  # something follows the quotes before the carriage return does
    ],
)
def test_a_carriage_return_is_blamed_for_a_broken_row_only_if_it_broke_it(record: bytes, at_fault: bool) -> None:
    first, *_, last = csv_reader.rows(io.BytesIO(b"case,fatigue\n" + record + b"\nz,1\n"), "t.csv", columns=2)
    assert isinstance(first, Unusable)
    assert ("a carriage return stands in the middle" in first.fault) == at_fault
    assert ("is a quote opened and not closed?" in first.fault) != at_fault
    assert isinstance(last, Row)


def row(**cells: str) -> Outcome:
    mapper = Mapper(KNOWLEDGE, "lines")
    return mapper(chunk(table_row(3, *cells.values(), text=b"the text"), file="t.csv", columns=tuple(cells)))


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("yes", True), ("YES", True), ("true", True), ("True", True), ("1", True), (" yes ", True)]
    + [("no", False), ("No", False), ("false", False), ("0", False)]
    + [("unknown", None), ("", None), (" ", None), ("Unknown", None)],
)
def test_a_cell_can_say_yes_and_no_in_several_ways(cell: str, answer: bool | None) -> None:
    outcome = row(case="a", fatigue=cell)
    assert not outcome.rejects
    assert json.loads(bytes(outcome.output))["answers"] == ({} if answer is None else {"fatigue": answer})


def test_cells_hold_numbers_and_lists_of_nutrients() -> None:
    outcome = row(case="a", confirmed_deficiency="vitamin_d; magnesium;", age="70")
    assert json.loads(bytes(outcome.output))["answers"] == {
        "age": 70,
        "confirmed_deficiency": ["magnesium", "vitamin_d"],
    }


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("fatigue", "2"),
        ("fatigue", "x"),
        ("fatigue", "on"),
        ("age", "yes"),
        ("age", "070"),
        ("age", "70.0"),
        ("age", "121"),
    ]
    + [
        ("age", "-1"),
        ("confirmed_deficiency", "iron"),
        ("confirmed_deficiency", "magnesium, vitamin_d"),
        ("case", "a\nb"),
    ],
)
def test_a_cell_that_is_not_an_answer_rejects_its_row(column: str, cell: str) -> None:
    outcome = row(**{"tingling": "yes", column: cell})
    assert outcome.advised == 0
    assert outcome.output == b""
    (reject,) = outcome.rejects
    assert (reject.file, reject.line, reject.text) == ("t.csv", 3, "the text")


def test_a_case_without_a_name_is_called_after_its_file_and_line() -> None:
    assert json.loads(bytes(row(case="", fatigue="1").output))["case"] == "t:3"
    assert DECODER.line(b'{"findings":[]}', "f.jsonl", 12, "x" * 300).name == "x" * 197 + ":12"


def test_rows_and_lines_of_the_same_people_give_the_same_bytes(knowledge: Knowledge) -> None:
    rng = random.Random(22)
    drawn = [oracle.random_answers(rng) for _ in range(300)]
    people = [{name: answer for name, answer in answers.items() if answer != []} for answers in drawn]
    lines = [json.dumps({"case": f"p{n}", "findings": answers}).encode() for n, answers in enumerate(people)]

    def cell(answer: Any) -> str:
        if isinstance(answer, list):
            return ";".join(answer)
        return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else "" if answer is None else str(answer)

    columns = ("case", *oracle.VOCABULARY)
    rows = tuple(
        table_row(n, f"p{n}", *(cell(answers.get(finding)) for finding in oracle.VOCABULARY))
        for n, answers in enumerate(people)
    )
    mapper = Mapper(knowledge, "lines")
    assert mapper(chunk(*lines)).output == mapper(chunk(*rows, columns=columns)).output


def test_the_csv_form_can_be_read_back_and_runs_nothing(knowledge: Knowledge) -> None:
    names = ["=1+1", "+1", "-1", "@x", "plain", 'a "quoted", name', "＝x", "5=5"]
    lines = tuple(json.dumps({"case": name, "findings": ["cramps_at_night"]}).encode() for name in names)
    text = bytes(Mapper(knowledge, "csv")(chunk(*lines)).output).decode()
    cells = [row[0] for row in csv.reader(io.StringIO(text))]
    assert cells == ["'=1+1", "'+1", "'-1", "'@x", "plain", 'a "quoted", name', "'＝x", "5=5"]
