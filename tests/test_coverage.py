"""`coverage` shows what became of the sources, and which rules and findings given cases use."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import oracle
import pytest
from builders import ROOT
from command import Run

import advisor
from advisor.analysis.coverage import coverage
from advisor.model.knowledge import Knowledge


def test_every_passage_is_there_with_what_cites_it(knowledge: Knowledge) -> None:
    found = coverage(knowledge)
    assert [passage.id for passage in found.passages] == list(knowledge.passage)
    for passage in found.passages:
        assert passage.used_by == knowledge.cited_by[passage.id]
        assert bool(passage.used_by) != bool(passage.background)
    assert (found.cases, found.rejected) == (0, 0)


def test_rules_and_findings_are_counted_once_a_case(
    advising: advisor.Advisor, knowledge: Knowledge, tmp_path: Path
) -> None:
    rng = random.Random(71)
    people = [oracle.random_answers(rng) for _ in range(400)]
    lines = [json.dumps({"findings": answers}) for answers in people]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines[:200], "broken", ""]))
    (tmp_path / "b.jsonl").write_text("\n".join(lines[200:]))
    found = coverage(knowledge, [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")])
    assert (found.cases, found.rejected) == (400, 1)
    fired: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    for answers in people:
        fired.update({step.rule for step in advising.advise(answers).trace})
        reported.update(name for name, answer in answers.items() if answer is not False and answer != [])
    assert {use.id: use.cases for use in found.rules} == {rule: fired[rule] for rule in knowledge.rule}
    assert {use.id: use.cases for use in found.findings} == {name: reported[name] for name in knowledge.finding}


def test_cases_can_be_of_any_kind_that_batch_reads(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("case,ward,dry_skin\n1,north,yes\n2,south,no\n")
    options = ("--cases", ROOT / "examples", "--cases", tmp_path / "t.csv")
    found = json.loads(run("coverage", *options, "--format", "json").stdout)
    assert list(found) == ["passages", "cases", "rejected", "rules", "findings"]
    assert (found["cases"], found["rejected"]) == (5, 0)
    assert {"id": "calcium.dry_skin", "cases": 1} in found["rules"]
    assert run("coverage", "--cases", ROOT / "examples", tmp_path / "t.csv").stdout == run("coverage", *options).stdout
    assert run("coverage", tmp_path / "t.csv").returncode == 2
    told = " ".join(run("coverage", *options).stdout.decode().split())
    assert "93 passages: 87 used, 6 background. 5 cases (0 more could not be read)" in told
    assert "calcium.dry_skin 1" in told
    page = run("coverage", *options, "--format", "html").stdout.decode()
    assert page.count("<tr>") == 93 + 88 + 45 + 3
    assert "<script" not in page
    assert "Please remember" not in page  # it gives no advice
    assert "5 cases (0 more could not be read)" in page


@pytest.mark.parametrize("path", ["missing.jsonl", "notes.txt"])
def test_cases_that_cannot_be_read_end_with_2(path: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    done = run("coverage", "--cases", tmp_path / path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert path in done.stderr.decode()
