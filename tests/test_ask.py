"""`nutrient-advisor ask`, held as a person holds it: in a pseudo-terminal, and over a pipe."""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path

import oracle
import pexpect
import pytest
import yaml
from conftest import COMMAND, ROOT, Run
from test_interview import person, reply

import advisor
from advisor import files
from advisor.interview import Interview

LIST = "0: none\\): "
YES_NO = "y or n: "


def start(*arguments: str | Path, columns: int = 80, env: dict[str, str] | None = None) -> pexpect.spawn:
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    child: pexpect.spawn = pexpect.spawn(
        str(COMMAND), ["ask", *map(str, arguments)], cwd=str(ROOT), dimensions=(40, columns), timeout=30,
        encoding="utf-8", env={**clean, "TERM": "xterm", "NO_COLOR": "1", **(env or {})},
    )  # fmt: skip
    return child


def answer(child: pexpect.spawn, *pairs: tuple[str, str]) -> None:
    for expected, line in pairs:
        child.expect(expected)
        child.sendline(line)


def end(child: pexpect.spawn) -> tuple[int | None, str]:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, str(child.before)


FULL = [
    ("Do any of these apply to you now\\?", "7"),  # sleep disturbed
    ("in your muscles\\?", "1, 3"),
    ("at night or while you rest in bed\\?", "Y"),
    ("notice otherwise\\?", "1-2"),
    ("your habits\\?", "3"),
    ("describe what you eat\\?", "0"),
    ("apply to you\\?", "3"),
    ("How old are you, in whole years\\?", " 70 "),
    ("that you lack any", ""),
    ("Enter or a number: ", ""),
]


def test_a_person_answers_and_reads_the_advice() -> None:
    child = start()
    child.expect("This is no diagnosis and no")
    child.expect("stay on this computer")
    answer(child, *FULL)
    code, output = end(child)
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
    answer(child, ("Enter or a number: ", "99"), ("Please type a number from 1 to", "2"))
    answer(child, ("Do the cramps come at night", "n"))
    child.expect("  2 Cramps at night: no")
    answer(child, ("Enter or a number: ", ""))
    code, output = end(child)
    assert code == 0
    assert "Vitamin K2 (" not in output
    assert "Cramps at night" not in output.split("Answered no:")[0]


def test_help_and_why_are_there_at_every_question() -> None:
    child = start()
    for expected, line in FULL[:-1]:
        child.expect(expected)
        child.expect(": $")
        child.sendline("?")
        child.expect("q stops")
        child.sendline("W")
        child.expect("Your answer matters to these rules:")
        child.expect("\\[[a-z0-9_]+\\.[a-z0-9_]+\\]")
        child.expect(": $")
        child.sendline(line)
    answer(child, FULL[-1])
    assert end(child)[0] == 0


def test_going_back_asks_again_and_plans_anew() -> None:
    child = start()
    answer(child, (LIST, "b"))
    child.expect("nothing to go back to")
    answer(child, (LIST, "0"), ("in your muscles", "1"), ("at night", "b"))
    answer(child, ("in your muscles", "b"), ("apply to you now", "0"), ("in your muscles", "0"))
    index = child.expect(["at night or while", "notice otherwise"])
    assert index == 1
    child.sendline("q")
    assert end(child)[0] == 0


@pytest.mark.parametrize("wrong", ["8", "x", "1 x", "3-1", "1-99", "1--2", "99999999999", "y", "²"])
def test_a_wrong_line_is_asked_again_with_a_hint(wrong: str) -> None:
    child = start()
    answer(child, (LIST, wrong))
    child.expect("That was not understood. Please type numbers, such as")
    answer(child, (LIST, "q"))
    assert end(child)[0] == 0


@pytest.mark.parametrize("line", ["1 and 3", "1.", "1 to 3", "1–3", "none of these"])
def test_so_may_words(run: Run, line: str, tmp_path: Path) -> None:
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
    code, output = end(child)
    assert code == 0
    assert "GET EMERGENCY HELP NOW" in output  # the result, with all that always has to be said
    assert "This is general information, not medical advice" in output


def test_contact_with_poison_is_urgent_once_cramps_are_known() -> None:
    child = start()
    answer(child, (LIST, "4"), ("in your muscles", "1"))
    child.expect("GET MEDICAL HELP URGENTLY")
    answer(child, ("all the same", "q"))
    assert end(child)[0] == 0


def test_a_narrow_terminal_shows_everything_in_forty_columns() -> None:
    child = start(columns=40)
    seen = ""
    for _, line in FULL:
        child.expect(": $")
        seen += str(child.before) + str(child.after)
        child.sendline(line)
    code, output = end(child)
    assert code == 0
    for text in (seen, output):
        for shown in text.replace("\r", "").split("\n"):
            assert len(shown) <= 40, shown


def saved(path: Path) -> dict[str, object]:
    findings: dict[str, object] = yaml.safe_load(path.read_text("utf-8"))["findings"]
    return findings


def test_answers_are_saved_and_gone_on_from(tmp_path: Path, run: Run) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:3], ("notice otherwise", ""), ("habits", "q"))
    code, output = end(child)
    assert code == 0
    assert f"Your answers are in {kept}\r\n" in output
    assert saved(kept)["cramps_at_night"] is True
    assert saved(kept)["fatigue"] == "unknown"
    assert run("advise", kept).returncode == 0
    child = start("--resume", kept, "--save", kept)
    child.expect("Replace")
    answer(child, (YES_NO, "y"))
    answer(child, *FULL[3:])  # what was not known is asked again
    assert end(child)[0] == 0
    assert saved(kept)["age"] == 70
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("how", ["ctrl-c", "ctrl-d", "hangup", "terminate", "closed"])
def test_however_it_ends_the_answers_are_saved(tmp_path: Path, how: str) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:2])
    child.expect("in bed\\?")
    child.expect(YES_NO)
    if how == "closed":
        child.ptyproc.fileobj.close()
        assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == 129
        child.closed = child.ptyproc.closed = child.terminated = child.ptyproc.terminated = True
    else:
        if how == "ctrl-c":
            child.sendintr()
        elif how == "ctrl-d":
            child.sendeof()
        else:
            child.kill(signal.SIGHUP if how == "hangup" else signal.SIGTERM)
        code, output = end(child)
        assert code == {"ctrl-c": 130, "ctrl-d": 0, "hangup": 129, "terminate": 143}[how]
        assert "Traceback" not in output
    assert saved(kept)["muscle_cramps"] is True
    assert saved(kept)["cramps_disturb_sleep"] is True
    assert list(tmp_path.iterdir()) == [kept]


def test_no_file_is_overwritten_without_asking(tmp_path: Path, run: Run) -> None:
    kept = tmp_path / "me.yaml"
    kept.write_text("mine", "utf-8")
    for option in ("--save", "--output"):
        for stdin in (b"n\n", b"", b"q\n"):
            done = run("ask", option, kept, stdin=stdin)
            assert done.returncode == 2
            assert kept.read_text("utf-8") == "mine"
    assert b"is kept; name another file" in run("ask", "--save", kept, stdin=b"n\n").stderr
    assert b"cannot be written" in run("ask", "--save", tmp_path / "none" / "x", stdin=b"").stderr
    assert b"it is a folder" in run("ask", "--save", tmp_path, stdin=b"").stderr


def test_over_a_pipe_it_ends_with_the_advice_of_advise(run: Run, advising: advisor.Advisor, tmp_path: Path) -> None:
    rng = random.Random(3)
    for number in range(12):
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


def test_a_contradiction_in_a_file_is_not_resolved_by_dropping_an_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("findings: {muscle_cramps: no, cramps_at_night: yes}", "utf-8")
    run("ask", "--resume", file, "--save", tmp_path / "y.yaml", stdin=b"0\n1\n")
    assert saved(tmp_path / "y.yaml")["cramps_at_night"] is True


def test_answers_can_be_saved_as_json(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "me.json"
    assert run("ask", "--save", file, stdin=b"3\ny\n" + b"0\n" * 12).returncode == 0
    assert json.loads(file.read_text("utf-8"))["findings"]["cramp_over_10_minutes"] is True
    assert run("advise", file).returncode == 0


def test_advice_is_not_lost_with_the_file(tmp_path: Path) -> None:
    for option in ("--save", "--output"):
        folder = tmp_path / option
        folder.mkdir()
        child = start(option, folder / "x.yaml")
        answer(child, *FULL[:-1])
        child.expect("Enter or a number: ")
        folder.rmdir()
        child.sendline("")
        code, output = end(child)
        assert code == 2
        assert "Please remember" in output
        assert "cannot be written: No such file or directory" in output


def test_links_are_followed_and_devices_left_alone(run: Run, tmp_path: Path) -> None:
    target, link, dangling = tmp_path / "target.yaml", tmp_path / "link.yaml", tmp_path / "dangling.yaml"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "new.yaml")
    assert run("ask", "--save", link, stdin=b"y\n" + b"0\n" * 12).returncode == 0
    assert link.is_symlink()
    assert saved(target)
    assert target.stat().st_mode & 0o777 == 0o640
    assert run("ask", "--save", dangling, stdin=b"0\n" * 12).returncode == 0
    assert saved(tmp_path / "new.yaml")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/null")):
        done = run("ask", "--output", path, stdin=b"y\n" + b"0\n" * 12)
        assert done.returncode == 2
        assert b"not a regular file" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dangling.yaml", "fifo", "link.yaml", "new.yaml", "target.yaml",
    ]  # fmt: skip


def test_two_results_do_not_share_a_file(run: Run, tmp_path: Path) -> None:
    done = run("ask", "--save", tmp_path / "x", "--output", tmp_path / "." / "x", stdin=b"0\n" * 12)
    assert done.returncode == 2
    assert b"name two files" in done.stderr


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    files.write(tmp_path / "x", b"new", replace=False)
    assert (tmp_path / "x").read_bytes() == b"new"
    with pytest.raises(advisor.DocumentError, match="has come to stand there"):
        files.write(tmp_path / "x", b"newer", replace=False)
    assert (tmp_path / "x").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_over_a_pipe_the_questions_are_on_standard_output_unless_json_is(run: Run) -> None:
    done = run("ask", stdin=b"0\n")
    assert b"Do any of these apply to you now?" in done.stdout
    assert done.returncode == 2
    assert b"the input ended before the questions did" in done.stderr
    assert b"\x1b" not in done.stdout
    done = run("ask", "--format", "json", stdin=b"0\n")
    assert done.stdout == b""
    assert b"Do any of these apply to you now?" in done.stderr


def test_the_advice_can_go_to_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "advice.json"
    done = run("ask", "--format", "json", "--output", target, stdin=b"0\n" * 12)
    assert done.returncode == 0, done.stderr
    assert json.loads(target.read_text("utf-8"))["schema"] == "nutrient-advisor/advice/1"
    assert b"Do any of these" in done.stdout
    target = tmp_path / "advice.txt"
    assert run("ask", "--trace", "--output", target, stdin=b"0\n" * 12).returncode == 0
    assert "Please remember" in target.read_text("utf-8")


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
    end(child)


def test_a_broken_file_to_resume_is_refused_before_anything_is_asked(tmp_path: Path, run: Run) -> None:
    broken = tmp_path / "x.yaml"
    broken.write_text("findings: {fatig: yes}", "utf-8")
    done = run("ask", "--resume", broken, stdin=b"0\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{broken}:1: unknown finding 'fatig'" in done.stderr.decode()


def test_all_that_can_be_asked_has_a_screen(advising: advisor.Advisor) -> None:
    placed = [finding for screen in advising.knowledge.screens for finding in screen.findings]
    assert sorted(placed) == sorted(oracle.VOCABULARY)
