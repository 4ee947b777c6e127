"""`nutrient-advisor ask` with typed answers: in a pseudo-terminal, and over a pipe."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import oracle
import pytest
import yaml
from command import Run, at_end
from dialogue import FULL, HELP_FIRST, LIST, PROMPT, REVIEW, YES_NO, answer, saved, start, words
from sizes import rounds
from test_interview import person, reply

import advisor
from advisor.reasoning.interview import Interview


def test_a_person_answers_and_reads_the_advice() -> None:
    child = start()
    child.expect(words("not medical advice and not a diagnosis"))
    child.expect(words("stay on this computer"))
    answer(child, *FULL)
    code, output = at_end(child)
    assert code == 0
    read = " ".join(output.split())
    assert "Make an appointment with a doctor" in read
    assert "Vitamin K can interfere with warfarin" in read
    assert "This is general information. It is not medical advice" in read
    assert "Vitamin K2 (" in read
    assert "your answers" in read  # the name of the case


def test_the_review_lists_what_matters_and_lets_any_answer_be_changed() -> None:
    child = start()
    answer(child, *FULL[:-1])
    child.expect("Your answers")
    child.expect(REVIEW)
    listed = re.split(r"\s+(?=\d+ [A-Z])", str(child.before).split("Type a number")[0])
    assert [" ".join(line.split()) for line in listed[1:]] == [
        "1 Muscle cramps: yes",
        "2 Cramps at night: yes",
        "3 Tense muscles at rest: yes",
        "4 Unusual tiredness: yes",
        "5 Too little fluid, or a lot of fluid lost: yes",
        "6 Age: 70",
        "7 Regular or new medicines: yes, because of: warfarin or a similar blood thinner",
        "8 Warfarin or a similar blood thinner: yes",
        "9 Confirmed deficiency: don't know",
        "10 Cramps that disturb sleep: yes",
        "11 Everything else: no (34 answers; choose this line to see them)",
    ]
    child.sendline("99")
    answer(child, ("Please type a number from 1 to 11", "2"), ("Do the cramps come at night", "n"))
    child.expect("  2 Tense muscles at rest: yes")
    answer(child, (REVIEW, ""))
    code, output = at_end(child)
    assert code == 0
    assert "Vitamin K2 (" not in output


def test_a_no_can_be_found_and_changed_in_the_review() -> None:
    child = start()
    answer(child, *FULL[:-1], (REVIEW, "11"))
    child.expect("What you answered with no")
    child.expect("  1 Muscles that stay tight for a long time: no")
    answer(child, (REVIEW, "b"))  # to the other answers
    answer(child, ("11 Everything else", "11"), ("What you answered with no", ""), ("11 Everything else", "11"))
    answer(child, ("What you answered with no", "2"), ("weaker than they used to be", "y"))
    child.expect("  4 Muscles weaker than before: yes")
    answer(child, (REVIEW, ""))
    code, output = at_end(child)
    assert code == 0
    assert "muscles weaker than before" in " ".join(output.split())


def test_choosing_what_is_implied_in_the_review_asks_about_what_implies_it() -> None:
    child = start()
    answer(child, *FULL[:-1], (REVIEW, "7"), ("Do you take warfarin", "n"))
    answer(child, ("Do you take medicines regularly", "n"))  # no longer implied, so it is asked
    child.expect("Your answers")
    child.expect(REVIEW)
    assert "edicine" not in str(child.before)
    child.sendline("q")
    assert at_end(child)[0] == 0


def test_help_and_why_are_there_at_every_question() -> None:
    child = start()
    for expected, line in FULL[:-1]:
        child.expect(expected)
        child.expect(PROMPT)
        child.sendline("?")
        child.expect("q stops")
        child.sendline("W")
        child.expect("Why we ask")
        child.expect(PROMPT)
        assert "." in str(child.before)
        assert "[" not in str(child.before)  # no ids
        child.sendline(line)
    answer(child, FULL[-1])
    assert at_end(child)[0] == 0


def test_why_is_told_by_subject_where_many_rules_are_behind_a_question() -> None:
    child = start()
    answer(child, (LIST, "0"))
    child.expect("in your muscles")
    answer(child, (LIST, "w"))
    for subject in ("Getting help", "Magnesium", "Potassium", "Vitamin B12", "Everyday steps"):
        child.expect(f" - {subject}: [A-Z]")
    answer(child, (LIST, "q"))
    assert at_end(child)[0] == 0


def test_going_back_asks_again_and_plans_anew() -> None:
    child = start()
    answer(child, (LIST, "b"))
    child.expect("nothing to go back to")
    answer(child, (LIST, "0"), ("in your muscles", "1"), ("of your cramps", "b"))
    answer(child, ("in your muscles", "b"), ("apply to you, now or recently", "0"), ("in your muscles", "0"))
    assert child.expect(["of your cramps", "have any of these"]) == 1
    child.sendline("q")
    assert at_end(child)[0] == 0


@pytest.mark.parametrize("wrong", ["11", "x", "1 x", "3-1", "1-99", "1--2", "99999999999", "y", "²"])
def test_a_wrong_line_is_asked_again_with_a_hint(wrong: str) -> None:
    child = start()
    answer(child, (LIST, wrong))
    child.expect("That was not understood. Please type numbers, such as")
    answer(child, (LIST, "q"))
    assert at_end(child)[0] == 0


@pytest.mark.parametrize("line", ["1 and 3", "1.", "1 to 3", "1–3", "none of these"])
def test_a_list_may_be_typed_in_words(run: Run, line: str, tmp_path: Path) -> None:
    run("ask", "--save", tmp_path / "x.yaml", stdin=f"{line}\n".encode())
    assert len(saved(tmp_path / "x.yaml")) == len(oracle.PRESSING)


@pytest.mark.parametrize("line", ["1 3", "1,3", " 1 , 3 ", "3 1 1", "1-1;3", "1 - 1, 3"])
def test_a_list_may_be_typed_in_many_ways(run: Run, line: str, tmp_path: Path) -> None:
    run("ask", "--save", tmp_path / "x.yaml", stdin=f"{line}\n".encode())
    findings = yaml.safe_load((tmp_path / "x.yaml").read_text("utf-8"))["findings"]
    assert {name: given for name, given in findings.items() if given is not True} == dict.fromkeys(
        set(oracle.PRESSING) - {"breathless_or_chest_pain", "stiff_jaw_or_severe_spasms"}, "unknown"
    )
    assert findings["breathless_or_chest_pain"]
    assert findings["stiff_jaw_or_severe_spasms"]


def test_what_is_not_chosen_counts_as_the_prompt_says() -> None:
    child = start()
    child.expect(words("If you choose one or more, the others count as not answered"))
    answer(child, (LIST, "0"))
    child.expect("in your muscles")
    child.expect(words("What you do not choose counts as no"))
    child.sendline("q")
    assert at_end(child)[0] == 0


def test_a_warning_sign_is_answered_at_once() -> None:
    child = start()
    answer(child, (LIST, "2 4"))
    child.expect("GET EMERGENCY HELP NOW")
    child.expect(words("Call your local emergency number now. Do not wait"))
    child.expect(words("can be a stroke"))
    child.expect("Tell them about this too:")
    child.expect("One leg swollen, warm, red or darker\r\n")  # its text would speak of an appointment
    answer(child, (HELP_FIRST, ""), ("Please answer y or n", "y"))
    child.expect("in your muscles")
    answer(child, (LIST, "b"), (LIST, "1"), (HELP_FIRST, "b"))  # a slip can be taken back
    answer(child, ("apply to you, now or recently", "1"), (HELP_FIRST, "n"))
    code, output = at_end(child)
    assert code == 0
    assert "GET EMERGENCY HELP NOW" in output  # the result, with all that always has to be said
    assert "This is general information. It is not medical advice" in " ".join(output.split())


def test_a_further_sign_is_told_under_the_level_that_was_reached_before() -> None:
    child = start()
    answer(child, (LIST, "1 8"), (HELP_FIRST, "y"))
    child.expect("in your muscles")
    answer(child, (LIST, "1"))
    child.expect("GET EMERGENCY HELP NOW")  # twitching with cramps alone would be urgent
    child.expect("Tell them about this too:")
    child.expect(words("Cramps together with twitching muscles"))
    answer(child, (HELP_FIRST, "q"))
    assert at_end(child)[0] == 0


def test_a_sign_that_presses_only_with_cramps_is_told_once_they_are_known() -> None:
    child = start()
    answer(child, (LIST, "8"))
    assert child.expect(["in your muscles", HELP_FIRST]) == 0
    answer(child, (LIST, "1"))
    child.expect("GET MEDICAL HELP URGENTLY")
    answer(child, (HELP_FIRST, "q"))
    assert at_end(child)[0] == 0


def test_an_urgent_sign_is_told_when_a_file_is_resumed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("findings: {muscle_cramps: no, cramp_over_10_minutes: yes}", "utf-8")
    output = run("ask", "--resume", file, stdin=b"n\n").stdout.decode()
    assert output.index("GET MEDICAL HELP URGENTLY") < output.index("Please get help first. Continue anyway?")
    assert "Do any of these" not in output


@pytest.mark.parametrize("columns", [24, 40])
def test_a_narrow_terminal_shows_everything(columns: int) -> None:
    child = start(columns=columns)
    seen = ""
    for _, line in FULL:
        child.expect(PROMPT)
        seen += str(child.before)
        child.sendline(line)
    code, output = at_end(child)
    assert code == 0
    for shown in seen.replace("\r", "").split("\n"):
        assert len(shown) <= columns, shown
    if columns == 40:
        for shown in output.replace("\r", "").split("\n"):
            assert len(shown) <= columns, shown


def test_over_a_pipe_it_ends_with_the_conclusions_of_advise(
    run: Run, advising: advisor.Advisor, tmp_path: Path
) -> None:
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
        for key in ("nutrients", "advice", "cautions", "disclaimers", "knowledge"):
            assert ours[key] == theirs[key]
        for key in ("level", "items", "watch_for"):
            assert ours["care"][key] == theirs["care"][key]
        assert ours["case"] == "your answers"
        assert b"\x1b" not in done.stderr


EVERYTHING_NO = dict.fromkeys(oracle.VOCABULARY, False) | {"age": 40, "confirmed_deficiency": []}


def test_a_review_of_nothing_but_no_is_two_lines(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO}), "utf-8")
    output = run("ask", "--resume", file, stdin=b"\n").stdout.decode()
    assert [line.strip() for line in output.splitlines() if line[:3].strip().isdigit()] == [
        "1 Age: 40",
        "2 Everything else: no (44 answers; choose this line to see them)",
    ]


@pytest.mark.parametrize("line", ["000199", "0001" + "0" * 5_000, "²", "9" * 30_000, "\x1b[31m", "-1", "1 2"])
def test_an_odd_line_at_the_review_is_asked_again(run: Run, tmp_path: Path, line: str) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO}), "utf-8")
    done = run("ask", "--resume", file, stdin=f"{line}\n\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Please type a number from 1 to 2" in done.stdout
    assert b"\x1b" not in done.stdout
    assert b"Please remember" in done.stdout


def test_why_is_told_in_the_review_as_well(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO}), "utf-8")
    output = run("ask", "--resume", file, stdin=b"2\n1\nw\nb\n\n").stdout.decode()
    assert " - Everyday steps: Stretching" in " ".join(output.split())
    assert "the last one" not in output


def test_an_answer_that_matters_no_more_says_so(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"findings": EVERYTHING_NO | {"inactivity": True}}), "utf-8")
    output = run("ask", "--resume", file, stdin=b"1\nw\nb\n\n").stdout.decode()
    assert "With your other answers, this one changes nothing." in output


def test_over_a_pipe_the_questions_are_on_standard_output_unless_json_is(run: Run) -> None:
    done = run("ask", stdin=b"0\n")
    assert b"Do any of these apply to you, now or recently?" in done.stdout
    assert done.returncode == 2
    assert b"the input ended before the questions did" in done.stderr
    assert b"\x1b" not in done.stdout
    done = run("ask", "--format", "json", stdin=b"0\n")
    assert done.stdout == b""
    assert b"Do any of these apply to you, now or recently?" in done.stderr


def test_one_by_one_shows_no_checklist_of_findings() -> None:
    child = start("--one-by-one")
    seen = ""
    for _ in oracle.PRESSING:
        child.expect(YES_NO)
        seen += str(child.before)
        child.sendline("n")
    assert "Are you short of breath" in seen
    assert "Do any of these" not in seen
    child.sendline("q")
    at_end(child)


def test_one_by_one_a_pressing_sign_is_answered_at_once_as_well() -> None:
    child = start("--one-by-one")
    answer(child, ("short of breath", "y"))
    child.expect("GET EMERGENCY HELP NOW")
    answer(child, (HELP_FIRST, "b"), ("short of breath", "n"), ("Has your face fallen", "q"))
    assert at_end(child)[0] == 0


def test_all_that_can_be_asked_has_a_screen(advising: advisor.Advisor) -> None:
    placed = [finding for screen in advising.knowledge.screens for finding in screen.findings]
    assert sorted(placed) == sorted(oracle.VOCABULARY)
