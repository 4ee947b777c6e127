"""What is installed with the package: every requirement has a tested version, and a version that works at least."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from builders import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def requirements() -> Iterator[Requirement]:
    for texts in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        for text in texts:
            requirement = Requirement(text)
            if requirement.name != PROJECT["name"]:
                yield requirement


def pinned() -> dict[str, str]:
    """The versions in constraints.txt, by name."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    versions = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in versions}


def test_the_constraints_are_names_and_exact_versions_and_nothing_else() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line), line


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_every_requirement_has_a_tested_version_that_it_admits(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_every_requirement_says_from_which_version_on_it_works(requirement: Requirement) -> None:
    assert {part.operator for part in requirement.specifier} <= {">=", "=="}
    assert len(requirement.specifier) == 1
