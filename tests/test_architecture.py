"""The house keeps its shape: imports between the rooms go one way, and each page costs one run of the engine."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import ROOT
from click.testing import CliRunner

from advisor.cli.options import cli
from advisor.engine.durable import DurableEngine

# Each room may use those before it.
ROOMS = ("diagnostics", "files", "model", "source", "engine", "reasoning", "batch", "analysis", "render", "cli")
PACKAGE = ROOT / "advisor"


MODULES = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(PACKAGE.rglob("*.py"))}
NAMES = set(MODULES.values())


def room(module: str) -> str:
    """The room that a module of ours stands in; empty for the façade."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, those for types alone and those inside functions among them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "advisor")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "advisor":
            if node.module == "advisor":  # a room, or a name of the façade
                yield from (f"advisor.{a.name}" if a.name in ROOMS else "advisor" for a in node.names)
            else:
                modules = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from {one if one in NAMES else node.module for one in modules}


@pytest.mark.parametrize("path", MODULES, ids=MODULES.values())
def test_no_room_uses_one_that_stands_above_it(path: Path) -> None:
    here = room(MODULES[path])
    for used in imports(path):
        if here in ("__init__", "__main__"):  # the façade leaves out what it is for a command line to do
            assert here == "__main__" or room(used) not in ("batch", "analysis", "render", "cli"), used
        elif not room(used):
            assert here == "cli", f"{MODULES[path]} uses the façade: only a front end may"
        else:
            assert ROOMS.index(room(used)) <= ROOMS.index(here), f"{MODULES[path]} uses {used}"


def test_every_module_says_what_it_is_for() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


def test_no_file_has_a_second_job() -> None:
    long = {str(path): n for path in MODULES if (n := len(path.read_text("utf-8").splitlines())) > 400}
    assert not long


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{MODULES[path]}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= 60
    ]
    assert not long


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run of the engine."""
    seen: list[int] = []
    fire = DurableEngine.fire

    def counting(self: DurableEngine, reported: object) -> object:
        seen.append(1)
        return fire(self, reported)  # type: ignore[arg-type]

    monkeypatch.setattr(DurableEngine, "fire", counting)
    return seen


EXAMPLE = str(ROOT / "examples" / "night-cramps.yaml")
FORMS = ("text", "json", "markdown", "html", "dot", "mermaid")
ASKED = ["--why", "magnesium", "--why-not", "vitamin_b6", "--why-not", "clot_signs"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        *((["advise", EXAMPLE, "--format", form], 1) for form in ("text", "json", "markdown", "html")),
        (["advise", EXAMPLE, "--trace"], 1),
        *((["explain", EXAMPLE, "--format", form], 1) for form in FORMS),
        *((["explain", EXAMPLE, *ASKED, "--format", form], 1) for form in FORMS),
        *((["explain", EXAMPLE, *ASKED, "--what-if", "age=40", "--format", form], 2) for form in FORMS),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_one_page_costs_one_run_of_the_engine_and_a_supposition_a_second(
    arguments: list[str], expected: int, runs: list[int]
) -> None:
    outcome = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert outcome.exit_code == 0
    assert len(runs) == expected


def test_listing_findings_and_rules_runs_no_engine(runs: list[int]) -> None:
    for arguments in (["findings"], ["rules"], ["rules", "magnesium.cramps"], ["schema", "advice"]):
        assert CliRunner().invoke(cli, arguments, catch_exceptions=False).exit_code == 0
    assert not runs


def test_no_modules_import_each_other_in_a_circle() -> None:
    uses = {name: {used for used in imports(path) if used in NAMES} - {name} for path, name in MODULES.items()}
    while free := {name for name, used in uses.items() if not used & uses.keys()}:
        uses = {name: used for name, used in uses.items() if name not in free}
    assert not uses
