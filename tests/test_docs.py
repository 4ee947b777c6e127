"""The documentation is true: its commands run, its examples load, and what it shows is what the program prints.

Every fenced block of README.md and docs/ is tested. A block that is not stands under a comment `<!-- not run -->`, and
in `NOT_RUN` with the reason. What is done with a block depends on its language:

    sh      bash runs it in a copy of the tree; the blocks of one document share their files. It has to end with 0, or
            with the code that a comment in it names (`# exit code 3`)
    python  it is run; the blocks of one document share their names
    text    it has to be what the `sh` or `python` block before it prints, or an excerpt: its lines stand together in
            the output, and a line with nothing but `…` stands for any others
    yaml    it is a symptom file, rules or invariants, and `advise` or `check` has to accept it
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml
from builders import ROOT
from click.testing import CliRunner
from command import COMMAND, Run

import advisor
from advisor.cli.options import cli

DOCUMENTS: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
README: Final = ROOT / "README.md"
MARK: Final = "<!-- not run -->"

# What a block that is not run begins with, and why it is not
NOT_RUN: Final = {
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]'": "it runs the tests; CI does it",
    "python -m pytest tests/test_contract.py": "it runs the tests, on a rule base that was changed before",
}
# Commands in the text, rather than in a block, that are not run
NOT_RUN_INLINE: Final = {
    "python benchmarks/batch_speed.py": "needs the packages of the extra `benchmark`, and minutes",
    "python benchmarks/check_speed.py": "measures for a minute or so",
    "pip install 'nutrient-advisor[parquet]'": "needs the network",
    "python -m advisor": "the same program; tests/test_cli.py runs it",
}
# Benchmarks that the text names and that are quick, some only with these arguments; and a word that they print
MEASURED: Final = {
    "python benchmarks/interview_length.py": (["2"], "adaptive"),
    "python benchmarks/reading_grade.py": ([], "mean grade"),
}
# Only creating the environment is left out of this command, which CI runs as it stands
SET_UP: Final = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . && .venv/bin/nutrient-advisor"
# What a person types after these commands, line by line
TYPED: Final = {
    "nutrient-advisor ask --save me.yaml": ["0", "1, 3", "1", "q"],
    "nutrient-advisor ask --resume me.yaml": [""] * 12,
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    document: Path
    line: int
    language: str
    text: str
    marked: bool

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    found = []
    lines = document.read_text("utf-8").splitlines()
    begun: int | None = None
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("```"):
            continue
        if begun is None:
            begun = number
            continue
        body = "".join(f"{inner}\n" for inner in lines[begun + 1 : number])
        marked = begun > 0 and lines[begun - 1].strip() == MARK
        found.append(Block(document, begun + 1, lines[begun].strip().removeprefix("```"), body, marked))
        begun = None
    assert begun is None, f"{document.name}: the block that begins on line {begun} does not end"
    return found


BLOCKS: Final = [block for document in DOCUMENTS for block in blocks(document)]


def named(document: Path) -> str:
    return document.name


# What is in the documents


def test_every_block_is_of_a_language_that_is_tested_here() -> None:
    assert len(BLOCKS) > 20
    assert {block.language for block in BLOCKS} <= {"sh", "python", "text", "yaml"}


def test_what_is_not_run_is_on_the_list_and_the_list_holds_nothing_else() -> None:
    unlisted = [b.place for b in BLOCKS if b.marked and not b.text.startswith(tuple(NOT_RUN))]
    assert not unlisted, "these blocks are marked as not run, but no reason is given in NOT_RUN"
    idle = [begin for begin in NOT_RUN if not any(b.marked and b.text.startswith(begin) for b in BLOCKS)]
    assert not idle, "no block begins like this"
    typed = [command for command in TYPED if not any(command in b.text.splitlines() for b in BLOCKS)]
    assert not typed, "no block has this command"
    said = [span for document in DOCUMENTS for span in code_spans(document)]
    assert set(NOT_RUN_INLINE) | set(MEASURED) <= set(said)


def test_a_marker_stands_right_before_a_block() -> None:
    for document in DOCUMENTS:
        assert document.read_text("utf-8").count(MARK) == sum(block.marked for block in blocks(document)), document


def test_the_readme_is_short_and_has_the_two_commands_that_ci_looks_for() -> None:
    lines = README.read_text("utf-8").splitlines()
    assert len(lines) <= 120
    for pattern in (r"python3 -m venv .* -m pytest", r"python3 -m venv .* advise examples/.*"):
        assert len([line for line in lines if re.fullmatch(pattern, line)]) == 1


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
            if target.startswith("https://"):
                continue
            path, _, anchor = target.partition("#")
            linked = (document.parent / path) if path else document
            assert linked.exists(), f"{document.name}: {target}"
            assert not anchor or anchor in anchors(linked), f"{document.name}: {target}"


def anchors(document: Path) -> list[str]:
    """The names under which a code host lets the headings of a document be linked to."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_all_documents_can_be_reached_from_the_readme() -> None:
    linked = {(README.parent / path).resolve() for path in re.findall(r"\]\((docs/[\w.]+)", README.read_text("utf-8"))}
    assert linked == set(DOCUMENTS) - {README}


# Commands


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_and_programs_do_what_the_document_shows(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = copied(tmp_path / "tree", repository="rev:" in document.read_text("utf-8"))
    monkeypatch.chdir(tree)
    names: dict[str, Any] = {}
    printed = ""
    for block in blocks(document):
        if block.marked:
            continue
        if block.language == "sh":
            printed = run_in_bash(block, tree)
        elif block.language == "python":
            printed = run_as_python(block, names)
        elif block.language == "text":
            assert_shows(block, printed)


def copied(tree: Path, repository: bool) -> Path:
    """Copy what ships into a folder of its own; as a git repository where a document needs one."""
    for name in ("knowledge", "rules", "examples"):
        shutil.copytree(ROOT / name, tree / name)
    if repository:
        identity = ["-c", "user.name=docs", "-c", "user.email=docs@example.org", "-c", "commit.gpgsign=false"]
        for command in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "as it ships"]):
            subprocess.run(["git", *command], cwd=tree, check=True)
    return tree


def run_in_bash(block: Block, tree: Path) -> str:
    """Run a block of commands; return all that it printed."""
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "SOURCE_DATE_EPOCH")}
    env = {**clean, "PATH": f"{COMMAND.parent}:{os.environ['PATH']}", "COLUMNS": "80"}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", as_script(block)], cwd=tree, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    expected = re.findall(r"# exit code (\d+)$", block.text, re.MULTILINE)
    assert done.returncode == int(expected[-1] if expected else 0), f"{block.place}\n{done.stdout}"
    return done.stdout


def as_script(block: Block) -> str:
    """The block as it can run without a network and without a person."""
    lines = []
    for line in block.text.replace(SET_UP, "nutrient-advisor").splitlines():
        if line.startswith("nutrient-advisor ask"):
            assert line in TYPED, f"{block.place}: TYPED does not say what is answered to {line!r}"
            lines.append(f"printf '%s\\n' {shlex.join(TYPED[line])} | {line}")
        else:
            lines.append(line)
    return "\n".join(lines)


def run_as_python(block: Block, names: dict[str, Any]) -> str:
    """Run a block of Python with the names of the blocks before it; return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, block.place, "exec"), names)
    return printed.getvalue()


def assert_shows(block: Block, printed: str) -> None:
    rest = f"\n{printed}"
    for part in re.split(r"^…\n", block.text, flags=re.MULTILINE):
        before, found, rest = rest.partition(f"\n{part}")
        assert found, f"{block.place}: this is not in what was printed:\n{part}\nbut this is:\n{before}"
        rest = f"\n{rest}"


def test_a_wrong_excerpt_is_noticed() -> None:
    def excerpt(text: str) -> Block:
        return Block(README, 1, "text", text, marked=False)

    printed = "one\ntwo\nthree\nfour\n"
    assert_shows(excerpt("two\nthree\n"), printed)
    assert_shows(excerpt("one\n…\nthree\nfour\n"), printed)
    assert_shows(excerpt("one\n…\ntwo\n"), printed)
    for wrong in ("two\nfour\n", "three\n…\none\n", "on\n", "five\n", "wo\n"):
        with pytest.raises(AssertionError):
            assert_shows(excerpt(wrong), printed)


def code_spans(document: Path) -> Iterator[str]:
    """Yield what stands in the text as code, outside the blocks."""
    text = re.sub(r"^\s*```.*?^\s*```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_and_options_in_the_text_are_accepted(document: Path) -> None:
    known = {option for command in cli.commands.values() for one in command.params for option in one.opts}
    for span in code_spans(document):
        program, *words = span.split()
        if program == "nutrient-advisor" and words and words[0] != "COMMAND":
            command = cli.commands[words[0]]
            if len(words) > 1:  # or it is only named
                command.make_context(words[0], [filled_in(word) for word in words[1:]])
        elif program.startswith("--"):
            assert program in known | {"--help"}, f"{document.name}: {span}"
        elif program in ("python", "python3", "pip", "bash", "git", "cp"):
            assert span in NOT_RUN_INLINE or span in MEASURED, f"{document.name}: {span}"


def filled_in(word: str) -> str:
    """A word of a usage line as a person would write it: the first of several choices, without what marks the rest."""
    return word.strip("[]").split("|")[0].removesuffix("...")


@pytest.mark.parametrize("command", MEASURED)
def test_a_benchmark_that_is_named_runs(command: str) -> None:
    path = ROOT / command.removeprefix("python ")
    arguments, printed = MEASURED[command]
    done = subprocess.run(
        [COMMAND.parent / "python", path, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    assert printed in done.stdout


def test_benchmarks_that_are_not_run_are_at_least_there() -> None:
    for command in NOT_RUN_INLINE:
        if command.startswith("python benchmarks/"):
            assert (ROOT / command.removeprefix("python ")).exists()


# The command line as a whole


def test_every_command_stands_in_the_table_of_the_readme() -> None:
    table = re.findall(r"^\| `nutrient-advisor (\w+)", README.read_text("utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(cli.commands)


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_and_option_has_help(command: str) -> None:
    done = CliRunner().invoke(cli, [command, "--help"], prog_name="nutrient-advisor")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: nutrient-advisor {command} ")
    assert cli.commands[command].help
    options = [one for one in cli.commands[command].params if isinstance(one, click.Option)]
    assert all(option.help for option in options)


def test_the_help_of_the_program_lists_every_command(run: Run) -> None:
    listed = run("--help").stdout.decode().partition("Commands:\n")[2]
    assert re.findall(r"^  (\w+)  ", listed, re.MULTILINE) == sorted(cli.commands)


# Examples of files


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "yaml"], ids=lambda block: block.place)
def test_an_example_of_a_file_has_no_fault(block: Block, run: Run, tmp_path: Path) -> None:
    content = yaml.safe_load(block.text)
    if isinstance(content, dict) and "findings" in content:
        file = tmp_path / "example.yaml"
        file.write_text(block.text, "utf-8")
        done = run("advise", file, "--format", "json")
    else:
        kind = "rules" if all("when" in record for record in content) else "invariants"
        replace_records(copied(tmp_path, repository=False), kind, content)
        done = run("check", "--knowledge", tmp_path / "knowledge", "--rules", tmp_path / "rules")
    printed = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), f"{printed}{done.stderr.decode()}"
    if isinstance(content, list) and "then" in content[0]:
        assert all(f" {record['id']}: proved" in printed for record in content)


def replace_records(tree: Path, kind: str, records: list[dict[str, Any]]) -> None:
    """Put records of rules or invariants in the place of those with the same ids, or beside the others."""
    folder = tree / "rules" if kind == "rules" else tree / "knowledge"
    shown = {record["id"] for record in records}
    for path in folder.glob("*.yaml" if kind == "rules" else "invariants.yaml"):
        content = yaml.safe_load(path.read_text("utf-8"))
        content[kind] = [record for record in content[kind] if record["id"] not in shown]
        if kind == "invariants":
            content[kind] += records
        path.write_text(yaml.safe_dump(content), "utf-8")
    if kind == "rules":
        (folder / "shown_in_the_docs.yaml").write_text(yaml.safe_dump({"rules": records}), "utf-8")


# The map of the code


def test_the_map_names_every_module_and_no_other() -> None:
    table = re.findall(
        r"^\| `(advisor/[\w/]+\.py)` \|", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.MULTILINE
    )
    modules = [path.relative_to(ROOT).as_posix() for path in (ROOT / "advisor").rglob("*.py")]
    rooms = [path for path in modules if path.endswith("/__init__.py") and path != "advisor/__init__.py"]
    assert sorted(table) == sorted(set(modules) - set(rooms))


def test_the_map_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)
    assert sorted(rooms) == sorted(path.parent.name for path in (ROOT / "advisor").glob("*/__init__.py"))


def test_names_of_functions_in_the_map_exist() -> None:
    dotted = [name for document in DOCUMENTS for name in code_spans(document) if name.startswith("advisor.")]
    names = [name for name in dotted if re.fullmatch(r"advisor(\.\w+){2,}", name)]
    assert len(names) > 5
    assert [name for name in names if not exists(name)] == []


def exists(name: str) -> bool:
    """Tell whether a name with dots leads to a module, or to something in one."""
    found: Any = advisor
    for part in name.split(".")[1:]:
        if not hasattr(found, part):
            try:
                importlib.import_module(f"{found.__name__}.{part}")
            except ImportError:
                return False
        found = getattr(found, part)
    return True
