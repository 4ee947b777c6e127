"""What `nutrient-advisor ask` reads and writes: nothing is lost, replaced or left behind, however it ends."""

from __future__ import annotations

import json
import os
import signal
import termios
from errno import ENOENT, EPERM
from pathlib import Path

import oracle
import pytest
from builders import OutputError
from command import Run, at_end
from dialogue import FULL, LIST, REVIEW, YES_NO, answer, saved, start
from screen import CTRL_BACKSLASH, CTRL_C, CTRL_D, ENTER, SPACE, UP, Screen, close_terminal

from advisor import files


def test_answers_are_saved_and_can_be_resumed(tmp_path: Path, run: Run) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:3], ("have any of these", ""), ("habits", "q"))
    code, output = at_end(child)
    assert code == 0
    assert f"Your answers are in {kept}\r\n" in output
    assert saved(kept)["cramps_at_night"] is True
    assert saved(kept)["fatigue"] == "unknown"
    assert run("advise", "--format", "json", kept).returncode == 0
    child = start("--resume", kept, "--save", kept)
    child.expect("Replace")
    answer(child, (YES_NO, "y"))
    answer(child, *FULL[3:])  # what was not known is asked again
    assert at_end(child)[0] == 0
    assert saved(kept)["age"] == 70
    assert list(tmp_path.iterdir()) == [kept]


def test_pressing_signs_that_were_left_open_are_asked_again(tmp_path: Path, run: Run) -> None:
    kept = tmp_path / "me.yaml"
    run("ask", "--save", kept, stdin=b"8\nq\n")
    assert [name for name, given in saved(kept).items() if given == "unknown"] == [
        sign for sign in oracle.PRESSING if sign != "muscle_twitching"
    ]
    again = tmp_path / "again.yaml"
    run("ask", "--resume", kept, "--save", again, stdin=b"0\nq\n")
    assert saved(again) == {sign: sign == "muscle_twitching" for sign in oracle.PRESSING}


ENDINGS = {"ctrl-c": 130, "ctrl-d": 0, "interrupt": 130, "hangup": 129, "terminate": 143, "quit": 131, "closed": 129}
SIGNALS = {
    "interrupt": signal.SIGINT, "hangup": signal.SIGHUP, "terminate": signal.SIGTERM, "quit": signal.SIGQUIT
}  # fmt: skip


@pytest.mark.parametrize("how", ENDINGS)
def test_however_it_ends_the_answers_are_saved(tmp_path: Path, how: str) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:2])
    child.expect("of your cramps")
    child.expect(LIST)
    if how == "closed":
        assert close_terminal(child) == ENDINGS[how]
    else:
        if how == "ctrl-c":
            child.sendintr()
        elif how == "ctrl-d":
            child.sendeof()
        else:
            child.kill(SIGNALS[how])
        code, output = at_end(child)
        assert code == ENDINGS[how]
        assert "Traceback" not in output
    assert saved(kept)["muscle_cramps"] is True
    assert saved(kept)["stroke_signs"] is False
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("how", [*ENDINGS, "ctrl-\\", "q"])
def test_so_they_are_where_answers_are_chosen_with_arrow_keys(tmp_path: Path, how: str) -> None:
    kept = tmp_path / "me.yaml"
    screen = Screen("--save", kept)
    screen.shows("apply to you, now or recently?", "q stop").press(UP, UP, ENTER)
    screen.shows("in your muscles?", "q stop").press(SPACE, ENTER)
    screen.shows("of your cramps?", "q stop")
    before = termios.tcgetattr(screen.child.child_fd)[3] & (termios.ICANON | termios.ECHO)
    assert before == 0  # keys are read one by one
    if how == "closed":
        assert close_terminal(screen.child) == ENDINGS[how]
    else:
        keys = {"ctrl-c": CTRL_C, "ctrl-d": CTRL_D, "ctrl-\\": CTRL_BACKSLASH, "q": "q"}
        if how in keys:
            screen.press(keys[how])
        else:
            screen.child.kill(SIGNALS[how])
        code, output = screen.end()
        assert code == {**ENDINGS, "ctrl-\\": 131, "q": 0}[how]
        assert f"Your answers are in {kept}" in output
        assert "Traceback" not in output
    assert saved(kept)["muscle_cramps"] is True
    assert saved(kept)["stroke_signs"] is False
    assert list(tmp_path.iterdir()) == [kept]


def test_the_terminal_is_left_as_it_was(tmp_path: Path) -> None:
    """Also by a signal: or the shell after it would show nothing of what is typed."""
    for ending in (None, signal.SIGTERM):
        screen = Screen()
        screen.shows("apply to you, now or recently?", "q stop")
        terminal = os.dup(screen.child.child_fd)
        if ending:
            screen.child.kill(ending)
        else:
            screen.press("q")
        screen.end()
        wanted = termios.ICANON | termios.ECHO | termios.ISIG
        assert termios.tcgetattr(terminal)[3] & wanted == wanted
        os.close(terminal)


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


def test_a_contradiction_in_a_file_is_not_resolved_by_dropping_an_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("findings: {muscle_cramps: no, cramps_at_night: yes}", "utf-8")
    output = run("ask", "--resume", file, "--save", tmp_path / "y.yaml", stdin=b"0\n" * 12).stdout.decode()
    assert saved(tmp_path / "y.yaml")["cramps_at_night"] is True
    assert saved(tmp_path / "y.yaml")["muscle_cramps"] is False
    assert "Muscle cramps: yes, because of: cramps at night" in output


def test_answers_can_be_saved_as_json(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "me.json"
    assert run("ask", "--save", file, stdin=b"5\ny\n" + b"0\n" * 12).returncode == 0
    assert json.loads(file.read_text("utf-8"))["findings"]["cramp_over_10_minutes"] is True
    assert run("advise", file).returncode == 0


def test_advice_is_not_lost_with_the_file(tmp_path: Path) -> None:
    for option in ("--save", "--output"):
        folder = tmp_path / option
        folder.mkdir()
        child = start(option, folder / "x.yaml")
        answer(child, *FULL[:-1])
        child.expect(REVIEW)
        folder.rmdir()
        child.sendline("")
        code, output = at_end(child)
        assert code == 2
        assert "Please remember" in output
        assert f"cannot be written: {os.strerror(ENOENT)}" in output


def test_an_interruption_says_when_the_answers_cannot_be_kept(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    child = start("--save", folder / "x.yaml")
    answer(child, *FULL[:2])
    child.expect("of your cramps")
    child.expect(LIST)
    folder.rmdir()
    child.sendintr()
    code, output = at_end(child)
    assert code == 2
    assert f"x.yaml: cannot be written: {os.strerror(ENOENT)}" in output


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


def test_a_file_can_be_written_where_the_file_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise PermissionError(EPERM, os.strerror(EPERM))

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    files.write(tmp_path / "x", b"new", replace=False)
    assert (tmp_path / "x").read_bytes() == b"new"
    with pytest.raises(OutputError, match="has come to stand there"):
        files.write(tmp_path / "x", b"newer", replace=False)
    assert (tmp_path / "x").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_the_advice_can_go_to_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "advice.json"
    done = run("ask", "--format", "json", "--output", target, stdin=b"0\n" * 12)
    assert done.returncode == 0, done.stderr
    assert json.loads(target.read_text("utf-8"))["schema"] == "nutrient-advisor/advice/2"
    assert b"Do any of these" in done.stdout
    target = tmp_path / "advice.txt"
    assert run("ask", "--trace", "--output", target, stdin=b"0\n" * 12).returncode == 0
    assert "Please remember" in target.read_text("utf-8")


def test_a_broken_file_to_resume_is_refused_before_anything_is_asked(tmp_path: Path, run: Run) -> None:
    broken = tmp_path / "x.yaml"
    broken.write_text("findings: {fatig: yes}", "utf-8")
    done = run("ask", "--resume", broken, stdin=b"0\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{broken}:1: unknown finding 'fatig'" in done.stderr.decode()
