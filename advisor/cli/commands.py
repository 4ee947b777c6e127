"""The commands that are about cases: advise, ask, batch, explain."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import advisor
from advisor import files
from advisor.cli import signals
from advisor.cli.options import PATH, with_format, with_knowledge
from advisor.cli.printing import complain, print_form, today
from advisor.diagnostics import OutputError, printable

if TYPE_CHECKING:
    from advisor import Evaluation


@click.command()
@click.argument("file", required=False, metavar="[FILE|-]")
@with_format("text", "json", "markdown", "html")
@click.option("--trace", is_flag=True, help="Show each step that led to the advice; JSON, Markdown and HTML always do.")
@click.option("--output", type=PATH, metavar="FILE", help="Write the advice to a file, in place of one that is there.")
@with_knowledge
def advise(
    file: str | None, form: str, trace: bool, output: Path | None, knowledge: Path | None, rules: Path | None
) -> None:
    """Advise on one symptom file (YAML or JSON; - reads standard input)."""
    if file is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("Give a symptom file, or - to read one from standard input.")
        file = "-"
    evaluation = advisor.load(knowledge, rules).evaluate_file(file)
    if output is None:
        _print_advice(evaluation, form, trace)
    else:
        files.check_writable(output)
        files.write(output, _advice_bytes(evaluation, form, trace), replace=True)


@click.command()
@click.option("--one-by-one", is_flag=True, help="Ask one thing at a time, without checklists.")
@click.option(
    "--plain",
    is_flag=True,
    help="Have answers typed, line by line, instead of chosen with arrow keys (for screen readers).",
)
@click.option("--save", type=PATH, metavar="FILE", help="Keep the answers in a symptom file, also when stopped.")
@click.option("--resume", type=PATH, metavar="FILE", help="Resume from a symptom file.")
@with_format("text", "json", "markdown", "html")
@click.option("--trace", is_flag=True, help="Show each step that led to the advice; JSON, Markdown and HTML always do.")
@click.option("--output", type=PATH, metavar="FILE", help="Write the advice to a file.")
@with_knowledge
def ask(
    one_by_one: bool,
    plain: bool,
    save: Path | None,
    resume: Path | None,
    form: str,
    trace: bool,
    output: Path | None,
    knowledge: Path | None,
    rules: Path | None,
) -> None:
    """Ask questions, then advise on the answers.

    On a terminal, answers are chosen with arrow keys; over a pipe, on a terminal that cannot move its cursor, and with
    --plain they are typed. Someone who uses a screen reader may like --plain --one-by-one best.
    """
    from advisor.cli.sitting import hold

    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read answers from.")
    app = advisor.load(knowledge, rules)
    # The advice has standard output to itself where something else is to read it
    apart = output is None and (form != "text" or (sys.stdin.isatty() and not sys.stdout.isatty()))
    target = sys.stderr if apart else sys.stdout
    replace = output is not None and output.exists()
    outcome = hold(app, sys.stdin, target, one_by_one=one_by_one, plain=plain, save=save, resume=resume, output=output)
    unwritten = outcome.unsaved
    if outcome.evaluation is None:
        complain("Stopped; there is no advice.")
    elif output is None:
        _print_advice(outcome.evaluation, form, trace)
    else:
        try:
            files.write(output, _advice_bytes(outcome.evaluation, form, trace), replace)
            complain(f"The advice is in {printable(str(output))}")
        except OutputError as error:  # then at least it is shown
            unwritten = error
            _print_advice(outcome.evaluation, form, trace)
    if unwritten:
        raise unwritten


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--output", required=True, metavar="OUT", help="Where to write: .jsonl, .csv or .parquet, or -.")
@click.option("--compact", is_flag=True, help="JSON Lines with ids instead of texts, and without the trace.")
@click.option("--rejects", type=PATH, metavar="FILE", help="Where rejected cases go (else beside the output).")
@click.option("--strict", is_flag=True, help="Stop at the first case that cannot be read, and write nothing.")
@click.option("--keep-columns", is_flag=True, help="Copy CSV columns that are not findings to the output.")
@click.option("--summary", type=PATH, metavar="FILE", help="Write the closing summary as JSON as well.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes to use (else one for each core).")
@with_knowledge
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
            complain("Stopped." if output == "-" else f"Stopped; {printable(output)} is as it was before.")
            raise
    complain(batch_report.summary(result).rstrip())
    context.exit(3 if result.rejected else 0)


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--why", multiple=True, metavar="ID", help="Why this nutrient, advice, caution or care item came up.")
@click.option("--why-not", multiple=True, metavar="ID", help="Why it did not, and every way in which it would.")
@click.option("--what-if", multiple=True, metavar="FINDING=ANSWER", help="What would change with this answer.")
@with_format("text", "json", "markdown", "mermaid", "dot", "html")
@click.option("--output", type=PATH, metavar="FILE", help="Write to a file, in place of one that is there.")
@with_knowledge
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
    separated by commas, and unknown takes an answer away.
    """
    from advisor.reasoning.evaluation import Questions, explanation
    from advisor.render import dispatch
    from advisor.source import symptom_file

    app = advisor.load(knowledge, rules)
    answers = symptom_file.read(file, app.knowledge)
    questions = Questions(why, why_not, symptom_file.changes(what_if, app.knowledge))
    stream = sys.stdout if output is None else io.StringIO()
    text = dispatch.explanation(explanation(app.evaluate(answers), questions), form, today(), stream)
    if output is None:
        print_form(text, form)
    else:
        files.check_writable(output)
        files.write(output, text.encode(), replace=True)


def _print_advice(evaluation: Evaluation, form: str, trace: bool) -> None:
    from advisor.render import dispatch

    print_form(dispatch.advice(evaluation, form, trace, today(), sys.stdout), form)


def _advice_bytes(evaluation: Evaluation, form: str, trace: bool) -> bytes:
    from advisor.render import dispatch

    return dispatch.advice(evaluation, form, trace, today(), io.StringIO()).encode()


COMMANDS: Final = (advise, ask, batch, explain)
