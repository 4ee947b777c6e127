"""What `nutrient-advisor ask` reads and writes: nothing is lost, replaced or left behind, however it ends."""

from __future__ import annotations

import json
import os
import signal
from errno import ENOENT, EPERM
from pathlib import Path
from typing import Any

import pytest
from builders import OutputError
from command import Run, at_end
from dialogue import FULL, REVIEW, YES_NO, answer, saved, start

from advisor import files


def test_answers_are_saved_and_can_be_resumed(tmp_path: Path, run: Run) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:3], ("notice otherwise", ""), ("habits", "q"))
    code, output = at_end(child)
    assert code == 0
    assert f"Your answers are in {kept}\r\n" in output
    assert saved(kept)["cramps_at_night"] is True
    assert saved(kept)["fatigue"] == "unknown"
    assert run("advise", kept).returncode == 0
    child = start("--resume", kept, "--save", kept)
    child.expect("Replace")
    answer(child, (YES_NO, "y"))
    answer(child, *FULL[3:])  # what was not known is asked again
    assert at_end(child)[0] == 0
    assert saved(kept)["age"] == 70
    assert list(tmp_path.iterdir()) == [kept]


def close_terminal(child: Any) -> int:
    """Close the window, as it were; return the exit code of what ran in it."""
    child.ptyproc.fileobj.close()
    code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
    child.closed = child.ptyproc.closed = child.terminated = child.ptyproc.terminated = True
    return code


@pytest.mark.parametrize("how", ["ctrl-c", "ctrl-d", "hangup", "terminate", "closed"])
def test_however_it_ends_the_answers_are_saved(tmp_path: Path, how: str) -> None:
    kept = tmp_path / "me.yaml"
    child = start("--save", kept)
    answer(child, *FULL[:2])
    child.expect("in bed\\?")
    child.expect(YES_NO)
    if how == "closed":
        assert close_terminal(child) == 129
    else:
        if how == "ctrl-c":
            child.sendintr()
        elif how == "ctrl-d":
            child.sendeof()
        else:
            child.kill(signal.SIGHUP if how == "hangup" else signal.SIGTERM)
        code, output = at_end(child)
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
    child.expect(YES_NO)
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
    assert json.loads(target.read_text("utf-8"))["schema"] == "nutrient-advisor/advice/1"
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
