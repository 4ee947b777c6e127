"""The command line: parses arguments, calls the package, prints. Whatever it can do, the package does first.

Exit codes: 0 done; 1 `check` found a fault, or `diff` a difference; 2 the command or an input file is unusable (nothing
written); 3 `batch` rejected some cases (the others are all in the output); 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import msgspec

import advisor
from advisor import files
from advisor.cli import signals
from advisor.diagnostics import AdvisorError, DocumentError, nearest, printable, shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from advisor.reasoning.advice import Advice

_PATH = click.Path(path_type=Path)


def main() -> NoReturn:
    """Run the command line and exit, with a plain sentence instead of a traceback whatever happens."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stdout is None:
        _complain("Error: standard output is closed")
        sys.exit(2)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
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
    rules = click.option("--rules", type=_PATH, metavar="DIR", help="Use the rules in this folder.")
    knowledge = click.option("--knowledge", type=_PATH, metavar="DIR", help="Use the knowledge in this folder.")
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
@_format("text", "json", "markdown", "html")
@click.option("--trace", is_flag=True, help="Show each step that led to the advice (all but text always have them).")
@click.option("--output", type=_PATH, metavar="FILE", help="Write the advice to a file, in place of one that is there.")
@_with_knowledge
def advise(
    file: str | None, form: str, trace: bool, output: Path | None, knowledge: Path | None, rules: Path | None
) -> None:
    """Advise on one symptom file (YAML or JSON; - reads standard input)."""
    if file is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("Give a symptom file, or - to read one from standard input.")
        file = "-"
    advising = advisor.load(knowledge, rules)
    advice = advising.advise_file(file)
    if output is None:
        _print_advice(advice, advising, form, trace)
    else:
        files.check_writable(output)
        files.write(output, _advice_bytes(advice, advising, form, trace), replace=True)


@cli.command()
@click.option("--one-by-one", is_flag=True, help="Ask one thing at a time, without checklists (for screen readers).")
@click.option("--save", type=_PATH, metavar="FILE", help="Keep the answers in a symptom file, also when stopped.")
@click.option("--resume", type=_PATH, metavar="FILE", help="Go on from a symptom file.")
@_format("text", "json", "markdown", "html")
@click.option("--trace", is_flag=True, help="Show each step that led to the advice (all but text always have them).")
@click.option("--output", type=_PATH, metavar="FILE", help="Write the advice to a file.")
@_with_knowledge
def ask(
    one_by_one: bool,
    save: Path | None,
    resume: Path | None,
    form: str,
    trace: bool,
    output: Path | None,
    knowledge: Path | None,
    rules: Path | None,
) -> None:
    """Ask questions, then advise on the answers."""
    from advisor.cli.sitting import hold

    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read answers from.")
    advising = advisor.load(knowledge, rules)
    # The advice has standard output to itself where something else is to read it
    apart = output is None and (form != "text" or (sys.stdin.isatty() and not sys.stdout.isatty()))
    target = sys.stderr if apart else sys.stdout
    replace = output is not None and output.exists()
    outcome = hold(advising, sys.stdin, target, one_by_one=one_by_one, save=save, resume=resume, output=output)
    unwritten = outcome.unsaved
    if outcome.advice is None:
        _complain("Stopped; there is no advice.")
    elif output is None:
        _print_advice(outcome.advice, advising, form, trace)
    else:
        try:
            files.write(output, _advice_bytes(outcome.advice, advising, form, trace), replace)
            _complain(f"The advice is in {printable(str(output))}")
        except DocumentError as error:  # then at least it is shown
            unwritten = error
            _print_advice(outcome.advice, advising, form, trace)
    if unwritten:
        raise unwritten


@cli.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--output", required=True, metavar="OUT", help="Where to write: .jsonl, .csv or .parquet, or -.")
@click.option("--compact", is_flag=True, help="JSON Lines with ids instead of texts, and without the trace.")
@click.option("--rejects", type=_PATH, metavar="FILE", help="Where rejected cases go (else beside the output).")
@click.option("--strict", is_flag=True, help="Stop at the first case that cannot be read, and write nothing.")
@click.option("--keep-columns", is_flag=True, help="Carry columns of CSV that are no findings over to the output.")
@click.option("--summary", type=_PATH, metavar="FILE", help="Write the closing summary as JSON as well.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes to use (else one for each core).")
@_with_knowledge
@click.pass_context
def batch(
    context: click.Context,
    inputs: tuple[str, ...],
    output: str,
    compact: bool,
    rejects: Path | None,
    strict: bool,
    keep_columns: bool,
    summary: Path | None,
    workers: int | None,
    knowledge: Path | None,
    rules: Path | None,
) -> None:
    """Advise on many cases: JSON Lines, CSV, or folders of symptom files, in the order given.

    INPUT - reads JSON Lines from standard input; .gz is packed and unpacked. Every case is in the output or, with its
    text and the reason, among the rejects; the exit code is 3 where there are any. OUT appears when it is complete, or
    not at all.
    """
    from advisor.batch.run import Plan, run
    from advisor.render import batch_report

    plan = Plan(inputs, output, compact, keep_columns, strict, rejects, summary, workers or 0)
    signals.end_cleanly()
    with batch_report.Meter(sys.stderr) as meter:
        try:
            result = run(advisor.load(knowledge, rules).knowledge, plan, meter.show)
        except (KeyboardInterrupt, SystemExit):
            _complain("Stopped." if output == "-" else f"Stopped; {printable(output)} is as it was before.")
            raise
    _complain(batch_report.summary(result).rstrip())
    context.exit(3 if result.rejected else 0)


@cli.command()
@click.argument("file", metavar="FILE|-")
@click.option("--why", multiple=True, metavar="ID", help="Why this nutrient, advice, caution or care item came up.")
@click.option("--why-not", multiple=True, metavar="ID", help="Why it did not, and every way in which it would.")
@click.option("--what-if", multiple=True, metavar="FINDING=ANSWER", help="What would change with this answer.")
@_format("text", "json", "markdown", "mermaid", "dot", "html")
@click.option("--output", type=_PATH, metavar="FILE", help="Write to a file, in place of one that is there.")
@_with_knowledge
def explain(
    file: str,
    why: tuple[str, ...],
    why_not: tuple[str, ...],
    what_if: tuple[str, ...],
    form: str,
    output: Path | None,
    knowledge: Path | None,
    rules: Path | None,
) -> None:
    """Explain the advice on a symptom file: all of it, or what is asked.

    --why, --why-not and --what-if can be given several times; answers are as in a symptom file, nutrients in a list are
    parted by commas, and unknown takes an answer away.
    """
    from advisor.render import dispatch
    from advisor.source import symptom_file

    advising = advisor.load(knowledge, rules)
    given = symptom_file.read(file, advising.knowledge)
    changed = symptom_file.changes(what_if, advising.knowledge)
    questions = dispatch.Questions(why, why_not, changed)
    stream = sys.stdout if output is None else io.StringIO()
    text = dispatch.explanation(advising, given, questions, form, _today(), stream)
    if output is None:
        _print_text(text, form)
    else:
        files.check_writable(output)
        files.write(output, text.encode(), replace=True)


@cli.command()
@_format("text", "json", "sarif")
@click.option("--article", type=_PATH, metavar="FILE", help="Hold the sources and all texts against this article.")
@_with_knowledge
@click.pass_context
def check(context: click.Context, form: str, article: Path | None, knowledge: Path | None, rules: Path | None) -> None:
    """Check knowledge and rules: faults with their place, and proofs of what must hold for any answers.

    The exit code is 1 where there is a fault. SARIF is for code hosts that show faults where they stand.
    """
    from advisor.analysis.check import check as run

    report = run(knowledge, rules, article)
    if form == "text":
        from advisor.render import check_report

        _print(check_report.view(report))
    elif form == "json":
        _print_bytes(msgspec.json.format(msgspec.json.encode(report)))
    else:
        from advisor.render import check_report

        _print_bytes(msgspec.json.format(msgspec.json.encode(check_report.sarif(report, advisor.__version__))))
    context.exit(1 if report.faults else 0)


@cli.command()
@click.argument("more", nargs=-1, metavar="[FILE]...")
@click.option(
    "--cases", multiple=True, metavar="FILE", help="Symptom files, batch files or folders that use the rules."
)
@_format("text", "json", "html")
@_with_knowledge
def coverage(
    cases: tuple[str, ...], more: tuple[str, ...], form: str, knowledge: Path | None, rules: Path | None
) -> None:
    """Show what became of every passage of the sources, and which rules and findings cases use."""
    if more and not cases:
        raise click.UsageError("Name files of cases behind --cases.")
    from advisor.analysis.coverage import coverage as covering
    from advisor.render import coverage_report

    known = advisor.load(knowledge, rules).knowledge
    found = covering(known, (*cases, *more))
    if form == "text":
        _print(coverage_report.view(found))
    elif form == "json":
        _print_bytes(msgspec.json.format(msgspec.json.encode(found)))
    else:
        from advisor.render import pages

        _print_text(pages.coverage_html(found, coverage_report.summary(found), known, _today()), form)


@cli.command()
@click.argument("old")
@click.argument("new")
@_format("text", "json", "markdown")
@click.pass_context
def diff(context: click.Context, old: str, new: str, form: str) -> None:
    """Compare two rule bases by what they conclude.

    OLD and NEW are folders that hold knowledge and rules, or revisions of the git repository you are in, as rev:HEAD.
    The exit code is 1 where some answers lead to other conclusions (or too many are possible to tell), where other
    things can be reported, or where an order has changed; 0 where at most words differ.
    """
    from advisor.analysis.diff import compare
    from advisor.render import diff_report
    from advisor.source import revisions

    comparison = compare(revisions.load(old), revisions.load(new))
    if form == "text":
        _print(diff_report.view(comparison))
    elif form == "json":
        _print_bytes(msgspec.json.format(msgspec.json.encode(comparison)))
    else:
        _print_text(diff_report.markdown(comparison), form)
    context.exit(1 if comparison.differences or comparison.vocabulary else 0)


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
        raise AdvisorError(f"there is no rule {shown(rule_id)}{nearest(rule_id, known.rule)}")
    if form == "json":
        listed: Any = known.rules if rule_id is None else known.rule[rule_id]
        _print_bytes(msgspec.json.format(msgspec.json.encode(listed)))
        return
    from advisor.render import listings

    _print(listings.rules_view(known) if rule_id is None else listings.rule_view(known, known.rule[rule_id]))


@cli.command()
@click.argument("what", type=click.Choice(["advice", "symptoms"]))
@_with_knowledge
def schema(what: str, knowledge: Path | None, rules: Path | None) -> None:
    """Print the JSON Schema of the advice or of a symptom file."""
    from advisor.render import schemas as schemas

    known = advisor.load(knowledge, rules).knowledge
    made = schemas.advice_schema() if what == "advice" else schemas.symptoms_schema(known)
    _print_bytes(msgspec.json.format(msgspec.json.encode(made)))


def _print_advice(advice: Advice, advising: advisor.Advisor, form: str, trace: bool) -> None:
    from advisor.render import dispatch

    _print_text(dispatch.advice(advising, advice, form, trace, _today(), sys.stdout), form)


def _advice_bytes(advice: Advice, advising: advisor.Advisor, form: str, trace: bool) -> bytes:
    from advisor.render import dispatch

    return dispatch.advice(advising, advice, form, trace, _today(), io.StringIO()).encode()


def _today() -> date:
    """Return the day that pages are dated with; where SOURCE_DATE_EPOCH is set, that one, so that they can be compared.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed[:10]), UTC).date() if fixed.isdecimal() else date.today()  # noqa: DTZ011


def _print_text(text: str, form: str) -> None:
    if form == "text":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _print_bytes(text.rstrip("\n").encode())


def _print_bytes(line: bytes) -> None:
    """Write UTF-8 and a newline to standard output, whatever its encoding: JSON is bytes, not text."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _print(view: RenderableType) -> None:
    from advisor.render.terminal import show

    sys.stdout.write(show(view, sys.stdout))
    sys.stdout.flush()
