"""The command as a person runs it: the installed one in a process of its own, or its `main` in this process.

A process costs a third of a second, and a test that asks for what is printed need not wait for one.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from unittest import mock

import pexpect
from builders import ROOT

from advisor import cli

COMMAND = Path(sys.executable).parent / "nutrient-advisor"
Done = subprocess.CompletedProcess[bytes]
Run = Callable[..., Done]

PATIENCE = 600  # seconds: no test depends on it, it only keeps what hangs from hanging for ever

_PERSONAL = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")  # settings of whoever runs the tests
_ENDINGS = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)


def environment(**further: str) -> dict[str, str]:
    """The environment of a person without settings of their own, and `further` ones."""
    return {name: value for name, value in os.environ.items() if name not in _PERSONAL} | further


def by_default() -> None:
    """Have each signal that ends a program end it, whatever whoever started the tests ignores (as `nohup` does)."""
    for number in _ENDINGS:
        signal.signal(number, signal.SIG_DFL)


def in_process(
    *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Done:
    """Run the installed command in a process of its own."""
    assert COMMAND.exists(), "the tests run the installed command: install the project first (see the README)"
    return subprocess.run(
        [COMMAND, *arguments], input=stdin, capture_output=True, env=environment(**(env or {})), cwd=cwd,
        timeout=PATIENCE,
    )  # fmt: skip


def in_terminal(
    *arguments: str | Path, rows: int = 40, columns: int = 80, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> pexpect.spawn[str]:
    """Start the installed command in a terminal of its own, with a person's signals."""
    return pexpect.spawn(
        str(COMMAND), list(map(str, arguments)), cwd=str(cwd), dimensions=(rows, columns), timeout=PATIENCE,
        encoding="utf-8", env=environment(TERM="xterm-256color") | dict(env or {}), preexec_fn=by_default,
    )  # fmt: skip


def at_end(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    """Wait until it ends; return its exit code and what it wrote since it was last looked at."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, str(child.before)


@contextlib.contextmanager
def running(*arguments: str | Path, cwd: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """Start the installed command with pipes for all its streams; whatever happens, it does not outlive the test."""
    process = subprocess.Popen(
        [COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
        preexec_fn=by_default,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def in_this_process(
    *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Done:
    """Run `main` on files in place of the standard streams, and leave no trace of it in this process."""
    with contextlib.ExitStack() as stack:
        given, output, errors = streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        given.write(stdin)
        given.seek(0)
        stack.enter_context(_standing_in(*(stream.fileno() for stream in streams)))
        stack.enter_context(_signals_kept())
        stack.enter_context(mock.patch.dict(os.environ, environment(**(env or {})), clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", [str(COMMAND), *map(str, arguments)]))
        # one worker unless more are asked for: a fork of the process that holds the tests is nothing a person runs
        stack.enter_context(mock.patch.object(os, "sched_getaffinity", return_value={0}))
        stack.enter_context(contextlib.chdir(cwd))
        code = _main()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return subprocess.CompletedProcess(arguments, code, _content(output), _content(errors))


def _main() -> int:
    try:
        cli.main()
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code
    raise AssertionError("main returned")


def _content(stream: io.BufferedRandom) -> bytes:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def _standing_in(*descriptors: int) -> Iterator[None]:
    """Put these files in place of standard input, output and error: for Python, and for all it starts."""
    kept = [os.dup(number) for number in range(3)]
    replace = os.dup2

    def replace_and_close(source: int, target: int) -> None:
        replace(source, target)
        os.close(source)  # a process that ends would

    try:
        for number, descriptor in enumerate(descriptors):
            replace(descriptor, number)
        with (
            io.TextIOWrapper(io.FileIO(0, "r", closefd=False)) as stdin,
            io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False))) as stdout,
            io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, "w", closefd=False)), line_buffering=True) as stderr,
            mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr),
            mock.patch.object(os, "dup2", replace_and_close),
        ):
            yield
    finally:
        for number, copy in enumerate(kept):
            replace(copy, number)
            os.close(copy)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
