"""What the tests share: the shipped knowledge, and the installed command run as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import builders
import pytest

import advisor
from advisor.model.knowledge import Knowledge

ROOT = builders.ROOT
COMMAND = Path(sys.executable).parent / "nutrient-advisor"
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def advising() -> advisor.Advisor:
    return advisor.load()


@pytest.fixture(scope="session")
def knowledge(advising: advisor.Advisor) -> Knowledge:
    return advising.knowledge


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A copy of the shipped knowledge and rules, to spoil."""
    return builders.copy_of_shipped(tmp_path)


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the installed command in a process of its own; its output comes back as bytes."""
    assert COMMAND.exists(), "the tests run the installed command: install the project first (see the README)"

    def run_command(
        *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> subprocess.CompletedProcess[bytes]:
        clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
        return subprocess.run(
            [COMMAND, *arguments], input=stdin, capture_output=True, env={**clean, **(env or {})}, cwd=cwd, timeout=60
        )

    return run_command
