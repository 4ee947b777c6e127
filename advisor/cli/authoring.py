"""The commands that are about a rule base: check, coverage, diff, findings, nutrients, rules, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

import advisor
from advisor.cli.options import PATH, with_format, with_knowledge
from advisor.cli.printing import print_form, print_json, print_view, today
from advisor.diagnostics import AdvisorError, nearest, shown


@click.command()
@with_format("text", "json", "sarif")
@click.option("--article", type=PATH, metavar="FILE", help="Hold the sources and all texts against this article.")
@with_knowledge
@click.pass_context
def check(context: click.Context, form: str, article: Path | None, knowledge: Path | None, rules: Path | None) -> None:
    """Check knowledge and rules: faults with their place, and proofs of what must hold for any answers.

    The exit code is 1 where there is a fault. SARIF is for code hosts that show faults where they stand.
    """
    from advisor.analysis.check import check as run
    from advisor.render import check_report

    report = run(knowledge, rules, article)
    if form == "text":
        print_view(check_report.view(report))
    elif form == "json":
        print_json(check_report.as_json(report))
    else:
        print_json(check_report.sarif(report, advisor.__version__))
    context.exit(1 if report.faults else 0)


@click.command()
@click.argument("more", nargs=-1, metavar="[FILE]...")
@click.option(
    "--cases", multiple=True, metavar="FILE", help="Symptom files, batch files or folders that use the rules."
)
@with_format("text", "json", "html")
@with_knowledge
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
        print_view(coverage_report.view(found))
    elif form == "json":
        print_json(found)
    else:
        from advisor.render import pages

        print_form(pages.coverage_html(found, coverage_report.summary(found), known, today()), form)


@click.command()
@click.argument("old")
@click.argument("new")
@with_format("text", "json", "markdown")
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
        print_view(diff_report.view(comparison))
    elif form == "json":
        print_json(comparison)
    else:
        print_form(diff_report.markdown(comparison), form)
    context.exit(1 if comparison.differences or comparison.vocabulary else 0)


@click.command()
@with_format("text", "json")
@with_knowledge
def findings(form: str, knowledge: Path | None, rules: Path | None) -> None:
    """List the findings that a symptom file can report."""
    known = advisor.load(knowledge, rules).knowledge
    if form == "json":
        print_json(known.findings)
    else:
        from advisor.render import listings

        print_view(listings.findings_view(known))


def _complete_nutrient(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        return [name for name in advisor.load().knowledge.nutrient if name.startswith(incomplete)]
    except AdvisorError:
        return []


@click.command()
@click.argument("nutrient_id", required=False, metavar="[ID]", shell_complete=_complete_nutrient)
@with_format("text", "json")
@with_knowledge
def nutrients(nutrient_id: str | None, form: str, knowledge: Path | None, rules: Path | None) -> None:
    """List the nutrients that can come up, or show one in full: what it does, foods, signs, evidence, cautions."""
    from advisor.render import nutrient_listing

    known = advisor.load(knowledge, rules).knowledge
    if nutrient_id is not None and nutrient_id not in known.nutrient:
        raise AdvisorError(f"there is no nutrient {shown(nutrient_id)}{nearest(nutrient_id, known.nutrient)}")
    entries = [nutrient_listing.entry(known, nutrient) for nutrient in known.nutrients]
    chosen = next((entry for entry in entries if entry.id == nutrient_id), None)
    if form == "json":
        print_json(chosen or entries)
    else:
        print_view(nutrient_listing.entry_view(known, chosen) if chosen else nutrient_listing.entries_view(entries))


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        return [name for name in advisor.load().knowledge.rule if name.startswith(incomplete)]
    except AdvisorError:
        return []


@click.command(name="rules")
@click.argument("rule_id", required=False, metavar="[ID]", shell_complete=_complete_rule)
@with_format("text", "json")
@with_knowledge
def rules_(rule_id: str | None, form: str, knowledge: Path | None, rules: Path | None) -> None:
    """List the rules, or show one in full: when it fires, what follows, why, and where that comes from."""
    from advisor.render import listings

    known = advisor.load(knowledge, rules).knowledge
    if rule_id is not None and rule_id not in known.rule:
        raise AdvisorError(f"there is no rule {shown(rule_id)}{nearest(rule_id, known.rule)}")
    if form == "json":
        if rule_id is None:
            print_json([listings.rule_json(rule) for rule in known.rules])
        else:
            print_json(listings.rule_json(known.rule[rule_id]))
    elif rule_id is None:
        print_view(listings.rules_view(known))
    else:
        print_view(listings.rule_view(known, known.rule[rule_id]))


@click.command()
@click.argument("what", type=click.Choice(["advice", "symptoms"]))
@with_knowledge
def schema(what: str, knowledge: Path | None, rules: Path | None) -> None:
    """Print the JSON Schema of the advice or of a symptom file."""
    from advisor.render import schemas

    known = advisor.load(knowledge, rules).knowledge
    made = schemas.advice_schema() if what == "advice" else schemas.symptoms_schema(known)
    print_json(made)


COMMANDS: Final = (check, coverage, diff, findings, nutrients, rules_, schema)
