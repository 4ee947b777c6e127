"""`nutrient-advisor ask`, held as a person holds it: in a pseudo-terminal, and over a pipe."""

from __future__ import annotations

import json
import random
from pathlib import Path

import oracle
import pytest
import yaml
from command import Run, at_end
from dialogue import FULL, LIST, PROMPT, REVIEW, YES_NO, answer, saved, start
from sizes import rounds
from test_interview import person, reply

import advisor
from advisor.reasoning.interview import Interview


def test_a_person_answers_and_reads_the_advice() -> None:
    child = start()
    child.expect("This is no diagnosis and no")
    child.expect("stay on this computer")
    answer(child, *FULL)
    code, output = at_end(child)
    assert code == 0
    assert "Make an appointment with a doctor" in output
    assert "Careful: Vitamin K can interfere with warfarin" in " ".join(output.split())
    assert "This is general information, not medical advice" in output
    assert "Vitamin K2 (2 answers)" in output


def test_the_review_lists_the_answers_and_lets_any_be_changed() -> None:
    child = start()
    answer(child, *FULL[:-1])
    child.expect("Your answers")
    child.expect("  1 Muscle cramps: yes")
    child.expect("  2 Cramps at night: yes")
    child.expect("Age: 70")
    answer(child, (REVIEW, "99"), ("Please type a number from 1 to", "2"))
    answer(child, ("Do the cramps come at night", "n"))
    child.expect("  2 Cramps at night: no")
    answer(child, (REVIEW, ""))
    code, output = at_end(child)
    assert code == 0
    assert "Vitamin K2 (" not in output
    assert "Cramps at night" not in output.split("Answered no:")[0]


def test_help_and_why_are_there_at_every_question() -> None:
    child = start()
    for expected, line in FULL[:-1]:
        child.expect(expected)
        child.expect(PROMPT)
        child.sendline("?")
        child.expect("q stops")
        child.sendline("W")
        child.expect("Your answer matters to these rules:")
        child.expect("\\[[a-z0-9_]+\\.[a-z0-9_]+\\]")
        child.expect(PROMPT)
        child.sendline(line)
    answer(child, FULL[-1])
    assert at_end(child)[0] == 0


def test_going_back_asks_again_and_plans_anew() -> None:
    child = start()
    answer(child, (LIST, "b"))
    child.expect("nothing to go back to")
    answer(child, (LIST, "0"), ("in your muscles", "1"), ("at night", "b"))
    answer(child, ("in your muscles", "b"), ("apply to you now", "0"), ("in your muscles", "0"))
    index = child.expect(["at night or while", "notice otherwise"])
    assert index == 1
    child.sendline("q")
    assert at_end(child)[0] == 0


@pytest.mark.parametrize("wrong", ["8", "x", "1 x", "3-1", "1-99", "1--2", "99999999999", "y", "²"])
def test_a_wrong_line_is_asked_again_with_a_hint(wrong: str) -> None:
    child = start()
    answer(child, (LIST, wrong))
    child.expect("That was not understood. Please type numbers, such as")
    answer(child, (LIST, "q"))
    assert at_end(child)[0] == 0


@pytest.mark.parametrize("line", ["1 and 3", "1.", "1 to 3", "1–3", "none of these"])
def test_a_list_may_be_typed_in_words(run: Run, line: str, tmp_path: Path) -> None:
    run("ask", "--save", tmp_path / "x.yaml", stdin=f"{line}\n".encode())
    assert len(saved(tmp_path / "x.yaml")) == 7


@pytest.mark.parametrize("line", ["1 3", "1,3", " 1 , 3 ", "3 1 1", "1-1;3", "1 - 1, 3"])
def test_a_list_may_be_typed_in_many_ways(run: Run, line: str, tmp_path: Path) -> None:
    run("ask", "--save", tmp_path / "x.yaml", stdin=f"{line}\n".encode())
    findings = yaml.safe_load((tmp_path / "x.yaml").read_text("utf-8"))["findings"]
    yes = [name for name, given in findings.items() if given]
    assert yes == ["cramp_over_10_minutes", "breathless_or_chest_pain"]


def test_a_warning_sign_is_answered_at_once() -> None:
    child = start()
    answer(child, (LIST, "1 2"))
    child.expect("GET EMERGENCY HELP NOW")
    child.expect("Call your local emergency number now")
    answer(child, ("Go on with them all the same\\?", ""), ("Please answer y or n", "y"))
    child.expect("in your muscles")
    answer(child, (LIST, "b"), (LIST, "1"), ("all the same", "b"))  # a slip can be taken back
    answer(child, ("apply to you now", "1"), ("all the same", "n"))
    code, output = at_end(child)
    assert code == 0
    assert "GET EMERGENCY HELP NOW" in output  # the result, with all that always has to be said
    assert "This is general information, not medical advice" in output


def test_contact_with_poison_is_urgent_once_cramps_are_known() -> None:
    child = start()
    answer(child, (LIST, "4"), ("in your muscles", "1"))
    child.expect("GET MEDICAL HELP URGENTLY")
    answer(child, ("all the same", "q"))
    assert at_end(child)[0] == 0


def test_a_narrow_terminal_shows_everything_in_forty_columns() -> None:
    child = start(columns=40)
    seen = ""
    for _, line in FULL:
        child.expect(PROMPT)
        seen += str(child.before) + str(child.after)
        child.sendline(line)
    code, output = at_end(child)
    assert code == 0
    for text in (seen, output):
        for shown in text.replace("\r", "").split("\n"):
            assert len(shown) <= 40, shown


def test_over_a_pipe_it_ends_with_the_advice_of_advise(run: Run, advising: advisor.Advisor, tmp_path: Path) -> None:
    rng = random.Random(3)
    for number in range(rounds(12, 4)):
        who = person(rng)
        options = ["--one-by-one"] if number % 2 else []
        interview = Interview(advising.knowledge, bool(options))
        lines = []
        noticed: set[str] = set()
        while question := interview.next():
            given = reply(question, who)
            if given is None:
                lines.append("")
            elif question.kind == "checklist":
                names = [option.id for option in question.options]
                lines.append(" ".join(str(names.index(name) + 1) for name in given) or "none")
            else:
                lines.append({True: "yes", False: "No"}[given] if isinstance(given, bool) else str(given))
            interview.answer(question.id, given)
            care = advising.advise(dict(interview.answers)).care.items
            pressing = {item.id for item in care if item.level != "routine"}
            if pressing - noticed:
                lines.append("y")
            noticed = pressing
        done = run("ask", "--format", "json", *options, stdin="\n".join([*lines, ""]).encode())
        assert done.returncode == 0, done.stderr.decode()
        ours, known = json.loads(done.stdout), {k: v for k, v in who.items() if v is not None}
        theirs = json.loads(advisor.to_json(advising.advise(known)))
        for key in ("care", "nutrients", "advice", "cautions", "disclaimers", "trace", "knowledge"):
            assert ours[key] == theirs[key]
        assert b"\x1b" not in done.stderr


EVERYTHING_NO = dict.fromkeys(oracle.VOCABULARY, False) | {"age": 40, "confirmed_deficiency": []}


@pytest.mark.parametrize("line", ["000199", "0001" + "0" * 5_000, "²", "9" * 30_000, "\x1b[31m", "-1", "1 2"])
def test_an_odd_line_at_the_review_is_asked_again(run: Run, tmp_path: Path, line: str) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO}), "utf-8")
    done = run("ask", "--resume", file, stdin=f"{line}\n\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Please type a number from 1 to 36" in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"Please remember" in done.stdout


def test_why_is_told_in_the_review_as_well(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO}), "utf-8")
    output = run("ask", "--resume", file, stdin=b"1\nw\nb\n\n").stdout.decode()
    assert "[lifestyle.stretch]" in output
    assert "the last one" not in output


def test_over_a_pipe_the_questions_are_on_standard_output_unless_json_is(run: Run) -> None:
    done = run("ask", stdin=b"0\n")
    assert b"Do any of these apply to you now?" in done.stdout
    assert done.returncode == 2
    assert b"the input ended before the questions did" in done.stderr
    assert b"\x1b" not in done.stdout
    done = run("ask", "--format", "json", stdin=b"0\n")
    assert done.stdout == b""
    assert b"Do any of these apply to you now?" in done.stderr


def test_one_by_one_shows_no_checklist_of_findings() -> None:
    child = start("--one-by-one")
    seen = ""
    for _ in range(7):
        child.expect(YES_NO)
        seen += str(child.before)
        child.sendline("n")
    assert "Are you short of breath" in seen
    assert "Do any of these" not in seen
    child.sendline("q")
    at_end(child)


def test_all_that_can_be_asked_has_a_screen(advising: advisor.Advisor) -> None:
    placed = [finding for screen in advising.knowledge.screens for finding in screen.findings]
    assert sorted(placed) == sorted(oracle.VOCABULARY)
