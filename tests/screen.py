"""A terminal in memory, in front of `nutrient-advisor ask`: what a person sees on it now, whatever was drawn over."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect
import pyte
from builders import ROOT
from command import COMMAND, PATIENCE, by_default, environment, in_terminal

UP, DOWN, HOME, END = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F"
SPACE, ENTER, BACKSPACE = " ", "\r", "\x7f"
CTRL_C, CTRL_D, CTRL_BACKSLASH = "\x03", "\x04", "\x1c"


class Screen:
    """The command in a terminal, with keys to press and a screen to look at."""

    def __init__(
        self,
        *arguments: str | Path,
        rows: int = 40,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        output: Path | None = None,
    ) -> None:
        """Start it; standard output goes to a file if one is given, as with `>` in a shell."""
        if output is None:
            self.child = in_terminal("ask", *arguments, rows=rows, columns=columns, env=env)
        else:
            line = f"exec {shlex.join([str(COMMAND), 'ask', *map(str, arguments)])} > {shlex.quote(str(output))}"
            self.child = pexpect.spawn(
                "sh", ["-c", line], dimensions=(rows, columns), timeout=PATIENCE, encoding="utf-8", cwd=str(ROOT),
                env=environment(TERM="xterm-256color") | dict(env or {}), preexec_fn=by_default,
            )  # fmt: skip
        self.written = ""  # all that was ever written, with what moves the cursor
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)

    def press(self, *keys: str) -> Screen:
        for key in keys:
            self.child.send(key)
        return self

    def shows(self, *texts: str) -> Screen:
        """Wait until all of these stand on the screen, wherever its lines break."""
        while not all(text in self.text for text in texts):
            assert self._read(), f"it ended with {self.text!r}"
        return self

    def shows_no(self, text: str) -> Screen:
        """Wait until this is gone."""
        while text in self.text:
            assert self._read(), f"it ended with {self.text!r}"
        return self

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.lines))

    @property
    def at(self) -> str:
        """The line in which the cursor stands."""
        return self.lines[self._screen.cursor.y]

    def resize(self, rows: int, columns: int) -> None:
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def end(self) -> tuple[int | None, str]:
        """Wait until it ends; return its exit code and the words it wrote, without what moves the cursor."""
        while self._read():
            pass
        self.child.close()
        return self.child.exitstatus, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.written)

    def _read(self) -> bool:
        try:
            found = self.child.read_nonblocking(1 << 16, self.child.timeout)
        except pexpect.EOF:
            return False
        self.written += found
        self._stream.feed(found)
        return True


def close_terminal(child: Any) -> int:
    """Close the window, as it were; return the exit code of what ran in it."""
    child.ptyproc.fileobj.close()
    code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
    child.closed = child.ptyproc.closed = child.terminated = child.ptyproc.terminated = True
    return code
