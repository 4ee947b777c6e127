"""What the tests share: the shipped knowledge, and the command run as a person runs it."""

from __future__ import annotations

from pathlib import Path

import builders
import hypothesis
import pytest
import sizes
from command import Run, in_process, in_this_process

import advisor
from advisor.model.knowledge import Knowledge


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="try all cases and sizes, with every command in a process of its own",
    )


def pytest_configure(config: pytest.Config) -> None:
    sizes.EXHAUSTIVE = bool(config.getoption("--exhaustive"))
    # a busy machine is slow, which is no fault of the code
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("any machine")


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
    """Run the command, for what it prints and returns: in this process, which is quick, unless with --exhaustive."""
    return in_process if sizes.EXHAUSTIVE else in_this_process


@pytest.fixture(scope="session")
def run_apart() -> Run:
    """Run the installed command in a process of its own, whatever the size of the run."""
    return in_process
