"""How a batch can end before its end: interrupted, killed, out of space, or with an engine that fails on a case."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from errno import EFBIG, EMFILE, ENOSPC
from pathlib import Path
from typing import Any

import oracle
import pytest
from builders import AdvisorError, EngineError, OutputError, chunk, not_written, texts
from command import COMMAND, PATIENCE, Run, at_end, in_terminal, running
from sizes import rounds

from advisor.batch.chunks import Chunk
from advisor.batch.decoders import Case, Decoder
from advisor.batch.duplicate_names import DuplicateNames
from advisor.batch.mapper import Mapper, Outcome
from advisor.batch.reading import Reject
from advisor.batch.run import Plan
from advisor.batch.run import run as run_batch
from advisor.batch.workers import mapped
from advisor.engine.durable import DurableEngine
from advisor.engine.firings import Firing
from advisor.files import AtomicFile
from advisor.model.knowledge import Knowledge


def lines(number: int) -> bytes:
    rng = random.Random(3)
    drawn = (json.dumps({"findings": oracle.random_answers(rng)}).encode() for _ in range(number))
    return b"\n".join(drawn) + b"\n"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait as long as it takes; the limit only keeps a broken run from waiting for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def half_way(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run with two workers that has written part of its output and waits for more input."""
    (folder / "out.jsonl").write_text("before")
    with running("batch", "-", "--output", folder / "out.jsonl", "--workers", "2") as process:
        assert process.stdin
        process.stdin.write(lines(2000))
        process.stdin.flush()
        wait_for(lambda: any(path.name != "out.jsonl" and path.stat().st_size > 1_000_000 for path in folder.iterdir()))
        yield process


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda v: str(v)
)
def test_a_stopped_run_leaves_the_previous_output_and_nothing_else(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with half_way(tmp_path) as process:
        crew = descendants(process.pid)
        assert len(crew) == 2
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == code
        assert f"Stopped; {tmp_path / 'out.jsonl'} is as it was before." in errors.decode()
        assert b"Traceback" not in errors
    assert names(tmp_path) == ["out.jsonl"]
    assert (tmp_path / "out.jsonl").read_text() == "before"
    wait_for(lambda: not any(map(alive, crew)))


def test_a_killed_run_leaves_the_previous_output_and_no_worker(tmp_path: Path) -> None:
    with half_way(tmp_path) as process:
        crew = descendants(process.pid)
        assert len(crew) == 2
        process.kill()
        process.wait()
        wait_for(lambda: not any(map(alive, crew)))
    assert (tmp_path / "out.jsonl").read_text() == "before"


def test_ctrl_c_at_a_terminal_stops_everything_at_once(tmp_path: Path) -> None:
    """There, the workers get the signal too."""
    os.mkfifo(tmp_path / "pipe")
    child = in_terminal("batch", tmp_path / "pipe", "--output", tmp_path / "o.jsonl", "--workers", "2")
    with open(tmp_path / "pipe", "wb") as pipe:
        pipe.write(lines(3000))
        pipe.flush()
        child.expect("cases, .* a second")
        child.sendcontrol("c")
        child.expect("Stopped; ")
        code, output = at_end(child)
    assert code == 130
    assert "is as it was before" in " ".join(output.split())
    assert "Traceback" not in output
    assert names(tmp_path) == ["pipe"]


def test_on_a_terminal_progress_is_shown_and_taken_away_again(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(3000))
    child = in_terminal("batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.jsonl")
    child.expect("[0-9,]+ cases, [0-9,]+ a second, time left")
    child.expect("3,000 cases: 3,000 advised, 0 rejected")
    assert at_end(child)[0] == 0


def limited(size: int) -> Callable[[], None]:
    """What a child does so that no file of its can grow beyond a size: as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet", ".jsonl.gz"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_where_there_is_no_room_the_previous_output_stays(ending: str, workers: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(rounds(20_000, 3_000) if ending == ".parquet" else 3_000))
    output = tmp_path / f"out{ending}"
    output.write_text("before")
    done = subprocess.run(
        [COMMAND, "batch", tmp_path / "in.jsonl", "--output", output, "--workers", workers],
        capture_output=True, preexec_fn=limited(100_000), timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"{output}: cannot be written: {os.strerror(EFBIG)}; what was there is untouched" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert output.read_text() == "before"
    assert names(tmp_path) == sorted(["in.jsonl", output.name])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_keeps_the_previous_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(3000))
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        (disk / "out.jsonl").write_text("before")
        done = run("batch", tmp_path / "in.jsonl", "--output", disk / "out.jsonl")
        assert done.returncode == 2
        assert f"{os.strerror(ENOSPC)}; what was there is untouched" in done.stderr.decode()
        assert names(disk) == ["out.jsonl"]
        assert (disk / "out.jsonl").read_text() == "before"
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("step", ["finish", "commit"])
def test_a_failure_at_the_very_end_leaves_every_file_as_it_was(
    step: str, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(50) + b"broken\n")
    for name in ("o.jsonl", "o.jsonl.rejects.jsonl", "s.json"):
        (tmp_path / name).write_text("before")

    def fail(self: AtomicFile) -> None:
        raise not_written()

    def fail_as_the_first(self: AtomicFile) -> None:
        monkeypatch.setattr(AtomicFile, step, fail)
        fail(self)

    monkeypatch.setattr(AtomicFile, step, fail_as_the_first)
    plan = Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.jsonl"), summary=tmp_path / "s.json")
    with pytest.raises(OutputError):
        run_batch(knowledge, plan)
    assert names(tmp_path) == ["in.jsonl", "o.jsonl", "o.jsonl.rejects.jsonl", "s.json"]
    assert {(tmp_path / name).read_text() for name in ("o.jsonl", "o.jsonl.rejects.jsonl", "s.json")} == {"before"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_engine_costs_only_the_cases_it_fails_on(
    workers: int, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = DurableEngine.fire

    def fire(self: DurableEngine, reported: Iterable[Any]) -> tuple[Firing, ...]:
        held = tuple(reported)
        if {"finding:tingling", "finding:fatigue"} <= set(texts(held)):
            raise EngineError("as in this test")
        return evaluate(self, held)

    monkeypatch.setattr(DurableEngine, "fire", fire)
    rng = random.Random(4)
    people = [oracle.random_answers(rng) for _ in range(500)]
    text = b"".join(json.dumps({"findings": answers}).encode() + b"\n" for answers in people)
    (tmp_path / "in.jsonl").write_bytes(text)
    summary = run_batch(knowledge, Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.jsonl"), workers=workers))
    doomed = [n for n, p in enumerate(people, 1) if p.get("tingling") is True and p.get("fatigue") is True]
    rejects = [json.loads(line) for line in (tmp_path / "o.jsonl.rejects.jsonl").read_bytes().splitlines()]
    assert [reject["line"] for reject in rejects] == doomed
    assert rejects[0]["problems"] == ["no advice for this case: as in this test"]
    advice = [json.loads(line) for line in (tmp_path / "o.jsonl").read_bytes().splitlines()]
    assert len(advice) == summary.advised == 500 - len(doomed)
    for nutrient, count in summary.nutrients.items():
        assert count == sum(nutrient in [n["id"] for n in one["nutrients"]] for one in advice)
    assert sum(summary.care.values()) == summary.advised


def deadly(mapper: Mapper) -> Callable[[Chunk], Outcome]:
    def function(given: Chunk) -> Outcome:
        if any(b"deadly" in record for record in given.records if isinstance(record, bytes)):
            os.kill(os.getpid(), signal.SIGKILL)
        return mapper(given)

    return function


def test_a_case_that_crashes_its_process_is_rejected_and_no_other(knowledge: Knowledge) -> None:
    records = [b'{"case": "c%d", "findings": ["fatigue"]}' % number for number in range(400)]
    for place in (3, 77, 78, 399):
        records[place] = b'{"case": "deadly", "findings": []}'
    chunks = [chunk(*records[start : start + 40], first=start + 1) for start in range(0, 400, 40)]
    output = b""
    rejected: list[Reject] = []
    for _, outcome in mapped(deadly(Mapper(knowledge, "compact")), chunks, workers=2):
        output += bytes(outcome.output)
        rejected += outcome.rejects
    assert [(reject.line, reject.text) for reject in rejected] == [
        (place + 1, '{"case": "deadly", "findings": []}') for place in (3, 77, 78, 399)
    ]
    assert "crashed" in rejected[0].problems[0]
    named = [json.loads(line)["case"] for line in output.splitlines()]
    assert named == [f"c{number}" for number in range(400) if number not in (3, 77, 78, 399)]


def test_a_crash_costs_one_case_of_parquet_too(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Decoder.line

    def line(self: Decoder, data: bytes, file: str, number: int, stem: str) -> Case:
        if b"deadly" in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(self, data, file, number, stem)

    monkeypatch.setattr(Decoder, "line", line)
    (tmp_path / "in.jsonl").write_bytes(lines(20) + b'{"case": "deadly", "findings": []}\n')
    summary = run_batch(knowledge, Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.parquet"), workers=2))
    assert (summary.advised, summary.rejected) == (20, 1)


def test_under_nohup_a_hangup_is_ignored(tmp_path: Path) -> None:
    command: list[str | Path] = ["nohup", COMMAND, "batch", "-", "--output", tmp_path / "o.jsonl", "--workers", "2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(lines(2000))
        process.stdin.flush()
        wait_for(lambda: any(path.stat().st_size > 1_000_000 for path in tmp_path.iterdir()))
        process.send_signal(signal.SIGHUP)
        process.stdin.write(lines(10))
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert b"2,010 cases" in errors


def test_workers_that_cannot_be_started_are_an_error_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(20))
    done = subprocess.run(
        [COMMAND, "batch", tmp_path / "in.jsonl", "--output", tmp_path / "o.jsonl", "--workers", "64"],
        capture_output=True, timeout=PATIENCE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)),
    )  # fmt: skip
    assert done.returncode == 2
    assert f"64 worker processes cannot be started: {os.strerror(EMFILE)}" in done.stderr.decode()
    assert names(tmp_path) == ["in.jsonl"]


def test_workers_that_keep_dying_end_the_run(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.batch.workers.MOST_DEATHS", 5)
    chunks = [chunk(*[b"deadly"] * 50)]
    with pytest.raises(EngineError, match="crashed 6 times"):
        list(mapped(deadly(Mapper(knowledge, "compact")), chunks, workers=2))


def test_results_larger_than_the_shared_memory_come_all_the_same(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.batch.workers.SLOT", 20_000)
    chunks = [chunk(*lines(n).splitlines()) for n in (1, 30, 2, 40, 1)]
    one = [bytes(outcome.output) for _, outcome in mapped(Mapper(knowledge, "lines"), chunks, workers=1)]
    two = [bytes(outcome.output) for _, outcome in mapped(Mapper(knowledge, "lines"), chunks, workers=2)]
    assert one == two
    assert max(map(len, one)) > 20_000 > min(map(len, one))


def test_without_room_for_temporary_files_only_the_count_of_names_is_missing(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = DuplicateNames.__init__

    def full(self: DuplicateNames) -> None:
        begin(self)
        self._database.execute("PRAGMA max_page_count = 20")

    monkeypatch.setattr(DuplicateNames, "__init__", full)
    (tmp_path / "in.jsonl").write_bytes(lines(5000))
    summary = run_batch(knowledge, Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.csv")))
    assert summary.advised == 5000
    assert summary.repeated_names is None


def test_a_reader_that_has_seen_enough_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(lines(3000))
    command = f"'{COMMAND}' batch '{tmp_path / 'in.jsonl'}' --output - | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=PATIENCE)
    assert done.stdout.endswith(b"\n0\n")
    assert b"Traceback" not in done.stderr


def test_parquet_without_pyarrow_says_how_to_get_it(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "in.jsonl").write_bytes(lines(1))
    with pytest.raises(AdvisorError, match=r"pip install 'nutrient-advisor\[parquet\]'"):
        run_batch(knowledge, Plan((str(tmp_path / "in.jsonl"),), str(tmp_path / "o.parquet")))
    assert names(tmp_path) == ["in.jsonl"]


def test_a_mapper_can_be_used_without_a_run(knowledge: Knowledge) -> None:
    """As a distributed engine would: lines of any piece of a file, in any order, on any machine."""
    text = lines(200).splitlines()
    whole = Mapper(knowledge, "lines")(chunk(*text))
    other = Mapper(knowledge, "lines")
    parts = [other(chunk(*text[start : start + 50], first=start + 1)) for start in (150, 50, 0, 100)]
    in_order = [parts[place] for place in (2, 1, 3, 0)]
    assert b"".join(bytes(part.output) for part in in_order) == whole.output
