"""Typing answers to `nutrient-advisor ask --plain` in a pseudo-terminal, as the tests do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pexpect
import yaml
from command import in_terminal

LIST = "0: none\\): "
YES_NO = "y or n: "
REVIEW = "Enter or a number: "
PROMPT = f"{LIST}|{YES_NO}|{REVIEW}|a number from [0-9]+ to [0-9]+: "
HELP_FIRST = "Please get help first. Continue anyway\\?"


def start(*arguments: str | Path, columns: int = 80, env: Mapping[str, str] | None = None) -> pexpect.spawn[str]:
    return in_terminal("ask", "--plain", *arguments, columns=columns, env={"NO_COLOR": "1", **(env or {})})


def words(text: str) -> str:
    """A pattern for a text, wherever its lines break."""
    return r"\s+".join(map(re.escape, text.split()))


def answer(child: pexpect.spawn[str], *pairs: tuple[str, str]) -> None:
    for expected, line in pairs:
        child.expect(expected)
        child.sendline(line)


# A person of seventy with cramps at night that disturb sleep, tense and tired, who drinks too little and takes warfarin
FULL = [
    ("Do any of these apply to you, now or recently\\?", "0"),
    ("in your muscles\\?", "1, 3"),
    ("true of your cramps\\?", "1-2"),
    ("have any of these\\?", "2"),
    ("your habits\\?", "3"),
    ("apply to you\\?", "4"),
    ("How old are you, in whole years\\?", " 70 "),
    ("confirmed that you are low in any of these\\?", ""),
    ("what you eat\\?", "0"),
    (REVIEW, ""),
]


def saved(path: Path) -> dict[str, object]:
    findings: dict[str, object] = yaml.safe_load(path.read_text("utf-8"))["findings"]
    return findings
