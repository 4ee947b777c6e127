"""`batch` as a person runs it: what goes in comes out, in order, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
from errno import ELOOP, ENAMETOOLONG, ENOENT
from pathlib import Path
from typing import Any

import oracle
import pyarrow.parquet
import pytest
from builders import ROOT, AdvisorError, AnswersError, with_finding
from command import COMMAND, PATIENCE, Run
from sizes import rounds

import advisor
from advisor.batch.run import Plan, Summary
from advisor.batch.run import run as run_batch
from advisor.model.knowledge import Knowledge


def people(number: int, seed: int = 1) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [{"case": f"person {n}", "findings": oracle.random_answers(rng)} for n in range(number)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def lines(documents: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


MANY = rounds(3_000, 500)  # several chunks, so that several workers have something to do
BROKEN = (5, 100, MANY - 500)
BLANK = 7


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file of many people, a blank line and some broken ones among them."""
    file = tmp_path / "many.jsonl"
    texts = [json.dumps(document).encode() for document in people(MANY)]
    for place in BROKEN:
        texts[place] = b'{"findings": {"fatique": true}}'
    texts[BLANK] = b"  "
    file.write_bytes(b"\n".join(texts))
    return file


def test_each_line_of_the_output_is_what_advise_says_of_the_case(
    run: Run, tmp_path: Path, advising: advisor.Advisor
) -> None:
    documents = people(rounds(300, 100))
    (tmp_path / "in.jsonl").write_bytes(lines(documents))
    done = run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 0
    expected = [advisor.to_json(advising.advise(d["findings"], case=d["case"])) for d in documents]
    assert (tmp_path / "out.jsonl").read_bytes().splitlines() == expected


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet"])
def test_any_number_of_workers_gives_the_same_bytes(ending: str, run_apart: Run, tmp_path: Path, many: Path) -> None:
    outputs = set()
    for workers in range(1, rounds(6, 3)):
        output = tmp_path / f"out{workers}{ending}"
        done = run_apart("batch", many, "--output", output, "--workers", str(workers))
        assert done.returncode == 3, done.stderr
        outputs.add((output.read_bytes(), (tmp_path / f"out{workers}{ending}.rejects.jsonl").read_bytes()))
    assert len(outputs) == 1


def test_every_case_is_in_the_output_or_among_the_rejects(run: Run, tmp_path: Path, many: Path) -> None:
    done = run("batch", many, "--output", tmp_path / "out.jsonl", "--summary", tmp_path / "sum.json")
    assert done.returncode == 3
    assert f"{MANY - 1:,} cases: {MANY - 4:,} advised, 3 rejected".encode() in done.stderr
    names = [json.loads(line)["case"] for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert names == [f"person {n}" for n in range(MANY) if n not in (*BROKEN, BLANK)]
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [(reject["file"], reject["line"]) for reject in rejects] == [
        (str(many), n) for n in (place + 1 for place in BROKEN)
    ]
    assert {reject["text"] for reject in rejects} == {'{"findings": {"fatique": true}}'}
    assert rejects[0]["problems"] == ["unknown finding 'fatique' (did you mean 'fatigue'?)"]
    summary = json.loads((tmp_path / "sum.json").read_bytes())
    assert (summary["cases"], summary["advised"], summary["rejected"]) == (MANY - 1, MANY - 4, 3)


def test_the_summary_counts_what_the_output_says(knowledge: Knowledge, tmp_path: Path, many: Path) -> None:
    summary = run_batch(knowledge, Plan((str(many),), str(tmp_path / "out.jsonl"), workers=2))
    advice = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    for nutrient, count in summary.nutrients.items():
        assert count == sum(nutrient in [n["id"] for n in one["nutrients"]] for one in advice)
    for level, count in summary.care.items():
        assert count == sum(one["care"]["level"] == level for one in advice)
    assert sum(summary.care.values()) == summary.advised


def test_csv_and_parquet_say_what_the_full_output_says(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(people(rounds(400, 100))))
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        assert run("batch", tmp_path / "in.jsonl", "--output", tmp_path / name).returncode == 0
    full = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    table = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    for one, row, record in zip(full, rows, table.to_pylist(), strict=True):
        expected: dict[str, Any] = {
            "case": one["case"],
            "care_level": one["care"]["level"],
            "nutrients": [nutrient["id"] for nutrient in one["nutrients"]],
            **{f"support_{nutrient}": 0 for nutrient in oracle.NUTRIENTS},
            **{f"support_{nutrient['id']}": nutrient["support"] for nutrient in one["nutrients"]},
            "advice": [item["id"] for item in one["advice"]],
            "cautions": [item["id"] for item in one["cautions"]],
            "care": [item["id"] for item in one["care"]["items"]],
            "rules": list(dict.fromkeys(step["rule"] for step in one["trace"])),
            "disclaimers": [item["id"] for item in one["disclaimers"]],
            "implied": one["implied"],
            "unanswered": one["care"]["unanswered"],
        }
        assert record == expected
        assert row == {key: ";".join(v) if isinstance(v, list) else str(v) for key, v in expected.items()}
    assert b"not a diagnosis" in table.schema.metadata[b"not_medical_advice"]


def test_inputs_of_all_kinds_come_out_in_the_order_they_were_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    (folder / "later").mkdir(parents=True)
    (folder / "b.yaml").write_text("findings: [fatigue]\n")
    (folder / "a.json").write_text('{"findings": {"age": 70}}')
    (folder / "c.yml").write_text("findings: {age: [1]}\ncase: broken\n")
    (folder / "later" / "d.csv").write_text("case,fatigue\nd1,yes\n,no\n")
    (folder / "notes.txt").write_text("nothing")
    (folder / ".hidden.yaml").write_text("findings: []")
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(b'{"findings": []}\n{"case": "x2", "findings": []}'))
    out = tmp_path / "forms" / "out.jsonl"  # in a folder that is read: not read itself, not even the second time
    for _ in range(2):
        done = run("batch", tmp_path / "x.ndjson.gz", folder, "-", "--output", out, stdin=b'{"findings": []}')
        assert done.returncode == 3
        assert [json.loads(line)["case"] for line in out.read_bytes().splitlines()] == [
            "x:1", "x2", "a", "b", "d1", "d:3", "stdin:1"
        ]  # fmt: skip
    (reject,) = map(json.loads, (folder / "out.jsonl.rejects.jsonl").read_bytes().splitlines())
    assert reject["file"] == str(folder / "c.yml")
    assert reject["problems"][0].startswith("line 1: age must be a whole number")
    assert b"notes.txt" in done.stderr


def test_a_table_from_a_spreadsheet_is_read_as_it_is(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "intake.csv"
    table.write_bytes(
        b"\xef\xbb\xbfcase,fatigue,age,confirmed_deficiency,muscle_cramps\r\n"
        b'"Smith, form ""7""",1,70,"magnesium; vitamin_d",FALSE\r\n'
        b"\r\n"
        b",,,,\r\n"
        b"two,TRUE,,,unknown\r\n"
    )
    assert run("batch", table, "--output", tmp_path / "out.jsonl").returncode == 0
    first, second = (json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines())
    assert first["case"] == 'Smith, form "7"'
    assert first["answers"] == {
        "muscle_cramps": False, "fatigue": True, "age": 70, "confirmed_deficiency": ["magnesium", "vitamin_d"]
    }  # fmt: skip
    assert second["answers"] == {"fatigue": True}


def test_a_quote_left_open_costs_one_line_and_not_the_rest_of_the_file(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(
        b'case,fatigue\na,1\n"open,1\nb,1\n' + b"".join(b"c%d,1\n" % n for n in range(30000)) + b'"d",1\n'
    )
    done = run("batch", table, "--output", tmp_path / "out.csv")
    assert done.returncode == 3
    assert b"30,004 cases: 30,003 advised, 1 rejected" in done.stderr
    (reject,) = map(json.loads, (tmp_path / "out.csv.rejects.jsonl").read_bytes().splitlines())
    assert (reject["line"], reject["text"]) == (3, '"open,1')


def test_columns_that_are_not_findings_are_refused_or_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('case,fatigue,ward,notes\n1,yes,=A1,"two\nlines"\n')
    (tmp_path / "b.csv").write_text("notes,tingling,case\nx,yes,2\n")
    inputs = (tmp_path / "a.csv", tmp_path / "b.csv")
    refused = run("batch", *inputs, "--output", tmp_path / "out.csv")
    assert refused.returncode == 2
    assert b"a.csv:1: unknown column 'notes'" in refused.stderr
    assert b"b.csv:1: unknown column 'notes'" in refused.stderr
    assert not (tmp_path / "out.csv").exists()
    assert run("batch", *inputs, "--keep-columns", "--output", tmp_path / "out.csv").returncode == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(), newline="")))
    assert [(row["case"], row["ward"], row["notes"]) for row in rows] == [("1", "'=A1", "two\nlines"), ("2", "", "x")]
    for options in ((), ("--compact",)):
        assert run("batch", *inputs, "--keep-columns", "--output", tmp_path / "o.jsonl", *options).returncode == 0
        kept = [json.loads(line)["columns"] for line in (tmp_path / "o.jsonl").read_bytes().splitlines()]
        assert kept == [{"ward": "=A1", "notes": "two\nlines"}, {"ward": "", "notes": "x"}]
    assert run("batch", *inputs, "--keep-columns", "--output", tmp_path / "o.parquet").returncode == 0
    assert pyarrow.parquet.read_table(tmp_path / "o.parquet").column("ward").to_pylist() == ["=A1", ""]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the first line must name the columns"),
        (b"case;fatigue\n1;yes\n", "separated by semicolons"),
        (b"case,fatigue,fatigue\n", "column 'fatigue' is there twice"),
        (b"case,fatigue,\n", "column 3 has no name"),
        (b"case,fatique\n", "no column is a finding"),
        (b"case,fatique,tingling\n", "unknown column 'fatique' (did you mean 'fatigue'?)"),
        (b"\xff\xfec\x00a\x00", "save it as UTF-8"),
        (b"case,fatigue,care_level\n", "unknown column 'care_level'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_before_anything_is_written(
    content: bytes, complaint: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    done = run("batch", tmp_path / "t.csv", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 2
    assert f"{tmp_path / 't.csv'}:1: " in done.stderr.decode()
    assert complaint in done.stderr.decode()
    assert names(tmp_path) == ["t.csv"]


def test_broken_rows_are_rejected_with_their_lines_and_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(
        b'case,fatigue\na,yes,more\nb\n"c"x,yes\nd,\xff\n' + b"e," + b"x" * 1_100_000 + b"\nf,1"
    )
    done = run("batch", tmp_path / "t.csv", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 3
    assert [json.loads(line)["case"] for line in (tmp_path / "out.jsonl").read_bytes().splitlines()] == ["f"]
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [reject["line"] for reject in rejects] == [2, 3, 4, 5, 6]
    assert [reject["text"] for reject in rejects][:4] == ["a,yes,more", "b", '"c"x,yes', "d,\ufffd"]
    assert rejects[3]["base64"] == "ZCz/"
    assert len(rejects[4]["text"]) == 1_000_000


def test_an_endless_line_costs_one_case_and_little_memory(run: Run, tmp_path: Path) -> None:
    good = b'{"findings": ["fatigue"]}\n'
    (tmp_path / "in.jsonl").write_bytes(good + b'{"case": "' + b"x" * 3_000_000 + b'"}\n' + good + b"y" * 2_000_000)
    done = run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 3
    assert b"4 cases: 2 advised, 2 rejected" in done.stderr
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [reject["line"] for reject in rejects] == [2, 4]
    assert all("a line of more than 1,000,000 bytes" in reject["problems"][0] for reject in rejects)


def test_strict_stops_at_the_first_bad_case_and_writes_nothing(
    run: Run, run_apart: Run, tmp_path: Path, many: Path
) -> None:
    (tmp_path / "out.jsonl").write_text("before")
    done = run_apart("batch", many, "--strict", "--output", tmp_path / "out.jsonl", "--workers", "2")
    assert done.returncode == 2
    assert f"{many}:6: unknown finding 'fatique'" in done.stderr.decode()
    assert (tmp_path / "out.jsonl").read_text() == "before"
    assert names(tmp_path) == ["many.jsonl", "out.jsonl"]
    to_pipe = run("batch", many, "--strict", "--output", "-")
    assert (to_pipe.returncode, to_pipe.stdout) == (2, b"")
    assert run("batch", "-", "--strict", "--output", "-", stdin=b'{"findings":[]}').stdout.count(b"\n") == 1


def test_a_pipe_gets_results_on_one_side_and_rejects_and_counts_on_the_other(run: Run) -> None:
    done = run("batch", "-", "--output", "-", "--compact", stdin=b'{"findings": ["fatigue"]}\n{}\n')
    assert done.returncode == 3
    assert json.loads(done.stdout)["case"] == "stdin:1"
    reject, *summary = done.stderr.decode().splitlines()
    assert json.loads(reject)["text"] == "{}"
    assert summary[0].startswith("2 cases: 1 advised, 1 rejected")
    assert "\x1b" not in done.stderr.decode()
    assert "\r" not in done.stderr.decode()


def test_cases_of_the_same_name_are_reported_and_all_kept(run: Run, tmp_path: Path) -> None:
    text = b"".join(b'{"case": "%b", "findings": []}\n' % name for name in (b"a", b"b", b"a", b"c", b"b", b"a"))
    (tmp_path / "in.jsonl").write_bytes(text)
    (tmp_path / "c.yaml").write_text("findings: []")
    done = run(
        "batch", tmp_path / "in.jsonl", tmp_path / "c.yaml", "--output", tmp_path / "o.jsonl",
        "--summary", tmp_path / "s.json",
    )  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "o.jsonl").read_bytes().count(b"\n") == 7
    summary = json.loads((tmp_path / "s.json").read_bytes())
    assert summary["repeated_names"] == 3
    assert summary["repeated"] == [
        {"case": "a", "times": 3, "first": f"{tmp_path / 'in.jsonl'}:1"},
        {"case": "b", "times": 2, "first": f"{tmp_path / 'in.jsonl'}:2"},
        {"case": "c", "times": 2, "first": f"{tmp_path / 'in.jsonl'}:4"},
    ]
    assert b"'a' (3 times" in done.stderr


def test_rejects_of_an_earlier_run_do_not_stand_beside_a_clean_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{}\n{"findings": []}\n')
    assert run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.csv").returncode == 3
    assert (tmp_path / "o.csv.rejects.jsonl").exists()
    (tmp_path / "in.jsonl").write_bytes(b'{"findings": []}\n')
    assert run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.csv").returncode == 0
    assert not (tmp_path / "o.csv.rejects.jsonl").exists()
    named = run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.csv", "--rejects", tmp_path / "none.jsonl")
    assert named.returncode == 0
    assert (tmp_path / "none.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("missing.jsonl", "--output", "o.jsonl"), f"missing.jsonl: cannot be read: {os.strerror(ENOENT)}"),
        (("in.jsonl", "--output", "no/o.jsonl"), f"no/o.jsonl: cannot be written: {os.strerror(ENOENT)}"),
        (("in.jsonl", "--output", "in.jsonl"), "in.jsonl: is what this run is to write"),
        (("in.jsonl", "--output", "o.jsonl", "--rejects", "o.jsonl"), "cannot be two outputs at once"),
        (("in.jsonl", "--output", "o.xlsx"), "o.xlsx names a form that batch does not write"),
        (("in.jsonl", "--output", "o.parquet.gz"), "names a form that batch does not write"),
        (("in.txt", "--output", "o.jsonl"), "its name does not say what it holds"),
        (("empty", "--output", "o.jsonl"), "holds no symptom files or batch files"),
        (("in.jsonl", "--output", "empty"), "empty: cannot be written: it is a folder"),
        (("half.jsonl.gz", "--output", "o.jsonl"), "half.jsonl.gz: cannot be read"),
        (("not.jsonl.gz", "--output", "o.jsonl"), "not.jsonl.gz: cannot be read"),
        (("half.csv.gz", "--output", "o.jsonl"), "half.csv.gz: cannot be read"),
        (("not.csv.gz", "--output", "o.jsonl"), "not.csv.gz: cannot be read"),
        (("wide.jsonl", "--output", "o.jsonl"), "wide.jsonl:1: saved as UTF-16"),
        (("in.jsonl", "--output", "o.jsonl", "--workers", "0"), "--workers"),
        (("--output", "o.jsonl"), "INPUT..."),
        (("in.jsonl",), "--output"),
        (("in.jsonl", "--output", ""), "'' is no name of a file"),
        (("in.jsonl", "--output", "."), "'.' is no name of a file"),
        (("", "--output", "o.jsonl"), "an input without a name"),
        (("x" * 300, "--output", "o.jsonl"), f"cannot be read: {os.strerror(ENAMETOOLONG)}"),
        (("in.jsonl", "--output", "o.jsonl", "--summary", "s.json.gz"), "would not be packed"),
    ],
)  # fmt: skip
def test_an_impossible_run_says_why_and_leaves_nothing_behind(
    arguments: tuple[str, ...], complaint: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(people(3)))
    (tmp_path / "in.txt").write_bytes(lines(people(3)))
    (tmp_path / "half.jsonl.gz").write_bytes(gzip.compress(lines(people(2000)))[:9000])
    (tmp_path / "half.csv.gz").write_bytes(gzip.compress(b"case,fatigue\n1,yes\n")[:12])
    (tmp_path / "not.jsonl.gz").write_bytes(b"not packed at all")
    (tmp_path / "not.csv.gz").write_bytes(b"not packed at all")
    (tmp_path / "wide.jsonl").write_bytes('{"findings": []}'.encode("utf-16"))
    (tmp_path / "empty").mkdir()
    before = names(tmp_path)
    done = run("batch", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert names(tmp_path) == before


def test_the_examples_can_be_advised_on_in_one_go(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = run("batch", tmp_path / "examples", "--output", "-")
    singly = [run("advise", path, "--format", "json").stdout for path in sorted((tmp_path / "examples").iterdir())]
    assert done.stdout == b"".join(singly)


def test_a_batch_can_be_run_from_python(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(people(10)))
    seen: list[tuple[int, int, int]] = []
    plan = Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.jsonl"))
    summary = run_batch(knowledge, plan, lambda *progress: seen.append(progress))
    assert isinstance(summary, Summary)
    size = (tmp_path / "in.jsonl").stat().st_size
    assert seen[-1] == (10, size, size)
    with pytest.raises(AnswersError):
        run_batch(knowledge, Plan(("missing.csv",), str(tmp_path / "o.jsonl")))
    with pytest.raises(AdvisorError):
        run_batch(knowledge, Plan((str(tmp_path / "in.jsonl"),), "o.xlsx"))


def test_the_same_file_named_twice_is_two_cases_of_the_same_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("findings: [fatigue]")
    paths = [tmp_path / "a.yaml"] * 3
    done = run("batch", *paths, "--output", tmp_path / "o.jsonl", "--summary", tmp_path / "s.json")
    assert done.returncode == 0
    summary = json.loads((tmp_path / "s.json").read_bytes())
    assert (summary["cases"], summary["advised"], summary["care"]["none"]) == (3, 3, 3)
    assert summary["repeated"] == [{"case": "a", "times": 3, "first": str(tmp_path / "a.yaml")}]


def test_a_folder_that_holds_what_the_shell_writes_to_is_read_without_it(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(people(3000)))
    command = f"'{COMMAND}' batch . --output - --workers 1 > z.jsonl 2> errors.jsonl"
    assert subprocess.run(["bash", "-c", command], cwd=tmp_path, timeout=PATIENCE).returncode == 0
    assert (tmp_path / "z.jsonl").read_bytes().count(b"\n") == 3000


def test_each_output_has_rejects_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"{}\n")
    (tmp_path / "good.jsonl").write_bytes(b'{"findings": []}\n')
    run("batch", tmp_path / "bad.jsonl", "--output", tmp_path / "out.csv")
    run("batch", tmp_path / "good.jsonl", "--output", tmp_path / "out.jsonl")
    assert (tmp_path / "out.csv.rejects.jsonl").exists()


def test_links_that_lead_nowhere_are_skipped_in_folders_and_refused_by_name(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    (folder / "up").symlink_to("..")
    (folder / "a.yaml").write_text("findings: []")
    done = run("batch", folder, "--output", tmp_path / "o.jsonl")
    assert done.returncode == 0
    assert (tmp_path / "o.jsonl").read_bytes().count(b"\n") == 1
    assert b"loop.yaml" in done.stderr
    named = run("batch", folder / "loop.yaml", "--output", tmp_path / "o2.jsonl")
    assert named.returncode == 2
    assert os.strerror(ELOOP) in named.stderr.decode()
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    assert b"Traceback" not in run("batch", folder, "--output", tmp_path / "loop.jsonl").stderr


def test_a_pipe_that_does_not_wait_is_an_error_and_not_the_end(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.write(writing, b'{"findings": []}\n')
    command: list[str | Path] = [COMMAND, "batch", "-", "--output", tmp_path / "o.jsonl"]
    done = subprocess.run(command, stdin=reading, capture_output=True, timeout=PATIENCE)
    os.close(writing)
    os.close(reading)
    assert done.returncode == 2
    assert b"nothing has arrived yet, and it does not wait" in done.stderr
    assert names(tmp_path) == []


def test_results_are_not_cut_short_because_nobody_reads_the_rejects(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes((b'{"findings": []}\n' + b"{}\n") * rounds(20_000, 3_000))
    command = f"'{COMMAND}' batch in.jsonl --output - --compact 2> >(head -n 1 > /dev/null) > o; echo $?"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=PATIENCE)
    assert done.stdout.strip() == b"2"


def test_a_carriage_return_in_a_cell_begins_no_row(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'case,fatigue,note\r\np1,yes,"hi\r=cmd|calc"\r\n')
    assert run("batch", tmp_path / "t.csv", "--keep-columns", "--output", tmp_path / "o.csv").returncode == 0
    text = (tmp_path / "o.csv").read_bytes()
    assert b'"hi\r=cmd|calc"\r\n' in text
    assert text.count(b"\r\n") == 2


def test_a_line_is_too_long_whatever_it_stands_beside(run: Run, tmp_path: Path) -> None:
    long = b'{"findings": ["fatigue"]' + b" " * 1_000_100 + b"}\n"
    (tmp_path / "in.jsonl").write_bytes((b'{"findings": []}\n' + long) * 5 + long * 3)
    for options in ((), ("--compact",)):
        done = run("batch", tmp_path / "in.jsonl", "--output", "-", *options)
        assert done.stdout.count(b"\n") == 5
    piped = run("batch", "-", "--output", "-", stdin=(tmp_path / "in.jsonl").read_bytes())
    assert piped.stdout.count(b"\n") == 5


def test_a_table_of_unclosed_quotes_is_rejected_row_by_row(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"case,fatigue,tingling\n" + b'a",1,"c\n' * 3000)
    done = run("batch", tmp_path / "t.csv", "--output", tmp_path / "o.csv")
    assert done.returncode == 3
    assert b"3,000 cases: 0 advised, 3,000 rejected" in done.stderr


def test_compressed_output_without_cases_is_still_a_gzip_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"{}\n")
    assert run("batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.jsonl.gz").returncode == 3
    assert gzip.decompress((tmp_path / "o.jsonl.gz").read_bytes()) == b""


@pytest.mark.skipif(not hasattr(os, "fsencode"), reason="names are bytes on Linux")
def test_file_names_that_are_not_text_are_escaped(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"{}\n" + b'{"findings": []}\n')
    output = tmp_path / os.fsdecode(b"o\xff.jsonl")
    assert run("batch", tmp_path / "in.jsonl", "--output", output, "--summary", tmp_path / "s.json").returncode == 3
    assert json.loads((tmp_path / "s.json").read_bytes())["output"].endswith("o\\udcff.jsonl")


def test_numbers_of_any_size_can_be_in_the_vocabulary(knowledge: Knowledge, tmp_path: Path) -> None:
    wide = with_finding(knowledge, "age", minimum=-40, maximum=10**12)
    (tmp_path / "t.csv").write_bytes(b"case,age\na,-5\nb,1234567\nc,99999999999\nd,-41\n")
    summary = run_batch(wide, Plan((str(tmp_path / "t.csv"),), str(tmp_path / "o.jsonl")))
    assert (summary.advised, summary.rejected) == (3, 1)
