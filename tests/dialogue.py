"""Talking to `nutrient-advisor ask` in a pseudo-terminal, as the tests do."""

from __future__ import annotations

import os
from pathlib import Path

import pexpect
import yaml
from conftest import COMMAND, ROOT

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


def saved(path: Path) -> dict[str, object]:
    findings: dict[str, object] = yaml.safe_load(path.read_text("utf-8"))["findings"]
    return findings
