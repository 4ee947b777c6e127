"""Talking to `nutrient-advisor ask` in a pseudo-terminal, as the tests do."""

from __future__ import annotations

from pathlib import Path

import pexpect
import yaml
from command import in_terminal

LIST = "0: none\\): "
YES_NO = "y or n: "
REVIEW = "Enter or a number: "
PROMPT = f"{LIST}|{YES_NO}|{REVIEW}|a number from [0-9]+ to [0-9]+: "


def start(*arguments: str | Path, columns: int = 80) -> pexpect.spawn[str]:
    return in_terminal("ask", *arguments, columns=columns, env={"NO_COLOR": "1"})


def answer(child: pexpect.spawn[str], *pairs: tuple[str, str]) -> None:
    for expected, line in pairs:
        child.expect(expected)
        child.sendline(line)


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
    (REVIEW, ""),
]


def saved(path: Path) -> dict[str, object]:
    findings: dict[str, object] = yaml.safe_load(path.read_text("utf-8"))["findings"]
    return findings
