"""The command line: parses arguments, calls the package, prints. Whatever it can do, the package does first.

Exit codes: 0 done; 2 the command or an input file is unusable (nothing written); 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import msgspec

import advisor
from advisor.problems import AdvisorError, DocumentError, Problem, nearest

if TYPE_CHECKING:
    from rich.console import RenderableType

_FOLDER = click.Path(path_type=Path)
_NARROWEST, _WIDEST = 24, 120  # below, words would be cut; beyond, lines are hard to follow


def main() -> NoReturn:
    """Run the command line and exit, with a plain sentence instead of a traceback whatever happens."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stdout is None:
        _complain("Error: standard output is closed")
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another encoding shows what it can
    output = sys.stdout
    try:
        code = cli.main(prog_name="nutrient-advisor", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        code = 2
    except AdvisorError as error:
        _complain(str(error) if isinstance(error, DocumentError) else f"Error: {error}")
        code = 2
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except OSError as error:
        _complain(f"Error: the output could not be written: {error.strerror}")
        code = 2
    except SystemExit as error:
        # Where whoever read our output has read enough, click puts another stream in place and exits with 1, which
        # would mean a fault here
        code = 0 if sys.stdout is not output else error.code if isinstance(error.code, int) else 2
    if code:  # or the interpreter would flush it once more while exiting, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _complain(message: str) -> None:
    with contextlib.suppress(OSError):  # there is nowhere left to say it
        click.echo(message, err=True)


def _with_knowledge(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose another knowledge or rules folder."""
    rules = click.option("--rules", type=_FOLDER, metavar="DIR", help="Use the rules in this folder.")
    knowledge = click.option("--knowledge", type=_FOLDER, metavar="DIR", help="Use the knowledge in this folder.")
    return knowledge(rules(command))


def _format(*choices: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--format", "form", type=click.Choice(choices), default="text", show_default=True, help="How to write it."
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(advisor.__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Possible nutrients to discuss with a doctor, from reported symptoms.

    Rules drawn from one article match what you report and say which nutrients may be worth discussing, why, what to be
    careful about and when to seek care. This is information, not a diagnosis.
    """


@cli.command()
@click.argument("file", required=False, metavar="[FILE|-]")
@_format("text", "json")
@click.option("--trace", is_flag=True, help="Show each step that led to the advice (JSON always has them).")
@_with_knowledge
def advise(file: str | None, form: str, trace: bool, knowledge: Path | None, rules: Path | None) -> None:
    """Advise on one symptom file (YAML or JSON; - reads standard input)."""
    if file is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("Give a symptom file, or - to read one from standard input.")
        file = "-"
    advising = advisor.load(knowledge, rules)
    advice = advising.advise_file(file)
    if form == "json":
        _print_bytes(advisor.to_json(advice))
    else:
        from advisor.render import text

        _print(text.view(advice, advising.knowledge, trace))


@cli.command()
@_format("text", "json")
@_with_knowledge
def findings(form: str, knowledge: Path | None, rules: Path | None) -> None:
    """List the findings that a symptom file can report."""
    known = advisor.load(knowledge, rules).knowledge
    if form == "json":
        _print_bytes(msgspec.json.format(msgspec.json.encode(known.findings)))
    else:
        from advisor.render import listings

        _print(listings.findings_view(known))


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        return [name for name in advisor.load().knowledge.rule if name.startswith(incomplete)]
    except AdvisorError:
        return []


@cli.command(name="rules")
@click.argument("rule_id", required=False, metavar="[ID]", shell_complete=_complete_rule)
@_format("text", "json")
@_with_knowledge
def rules_(rule_id: str | None, form: str, knowledge: Path | None, rules: Path | None) -> None:
    """List the rules, or show one in full: when it fires, what follows, why, and where that comes from."""
    known = advisor.load(knowledge, rules).knowledge
    if rule_id is not None and rule_id not in known.rule:
        raise DocumentError([Problem("", 0, f"there is no rule {rule_id!r}{nearest(rule_id, known.rule)}")])
    if form == "json":
        shown: Any = known.rules if rule_id is None else known.rule[rule_id]
        _print_bytes(msgspec.json.format(msgspec.json.encode(shown)))
        return
    from advisor.render import listings

    _print(listings.rules_view(known) if rule_id is None else listings.rule_view(known, known.rule[rule_id]))


@cli.command()
@click.argument("what", type=click.Choice(["advice", "symptoms"]))
@_with_knowledge
def schema(what: str, knowledge: Path | None, rules: Path | None) -> None:
    """Print the JSON Schema of the advice or of a symptom file."""
    from advisor import schema as schemas

    known = advisor.load(knowledge, rules).knowledge
    made = schemas.advice_schema() if what == "advice" else schemas.symptoms_schema(known)
    _print_bytes(msgspec.json.format(msgspec.json.encode(made)))


def _print_bytes(line: bytes) -> None:
    """Write UTF-8 and a newline to standard output, whatever its encoding: JSON is bytes, not text."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _print(view: RenderableType) -> None:
    """Print to standard output: as wide as the terminal, in colour only there and only if NO_COLOR is not set."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size().columns
    console = Console(
        width=min(max(columns, _NARROWEST), _WIDEST),
        force_terminal=terminal,
        color_system="auto" if terminal and not os.environ.get("NO_COLOR") else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        console.print(view)
    # rich pads lines to the full width; nobody wants that in a file, or copied from a terminal
    lines = "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
    sys.stdout.write(lines)
    sys.stdout.flush()
