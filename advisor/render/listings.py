"""The vocabulary and the rules as tables and cards for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from advisor.model.knowledge import Answer, Finding, Knowledge, Rule
from advisor.render import phrases

_KINDS = {"yes_no": "yes or no", "nutrients": "list of nutrients"}


class Rows:
    """Rows that begin with an id: a table where it fits, else each id on a line with the rest below it.

    Ids are never broken, so that they can be copied.
    """

    def __init__(self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        self.title = title
        self.columns = columns
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widest = max((cell_len(row[0]) for row in self.rows), default=0)
        if options.max_width < widest + 40:
            yield Text(self.title, style="bold")
            for name, *rest in self.rows:
                yield Text(name, no_wrap=True, overflow="ignore")
                yield from (Padding(Text(cell), (0, 0, 0, 3)) for cell in rest)
            return
        table = Table(title=self.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
        for index, column in enumerate(self.columns):
            table.add_column(column, no_wrap=index == 0, overflow="fold")
        for row in self.rows:
            table.add_row(*map(Text, row))
        yield table


def findings_view(knowledge: Knowledge) -> RenderableType:
    """Return every finding under its group: what to write in a symptom file, and what it means."""
    parts: list[RenderableType] = []
    for group in knowledge.groups:
        rows = [(f.id, _kind(f), f.label) for f in knowledge.findings if f.group == group.id]
        parts += [Rows(group.label, ("Finding", "Answer", "Meaning"), rows), Text()]
    return Group(*parts[:-1])


def rules_view(knowledge: Knowledge) -> RenderableType:
    """Return every rule in firing order: id, condition and conclusion in words."""
    rows = [
        (rule.id, phrases.condition(knowledge, rule), phrases.concluded(knowledge, rule.concludes))
        for rule in knowledge.rules
    ]
    return Rows("Rules", ("Rule", "When", "Then"), rows)


def rule_view(knowledge: Knowledge, rule: Rule) -> RenderableType:
    """Return one rule in full, with the passages it rests on in our words."""
    parts: list[RenderableType] = [Text(rule.id, style="bold"), Text()]
    rows = [
        ("When", phrases.condition(knowledge, rule)),
        ("Then", f"{phrases.concluded(knowledge, rule.concludes)} ({rule.verb} {_target(rule)})"),
        ("Because", rule.rationale),
        ("Basis", f"{rule.basis}: {phrases.BASES[rule.basis]}"),
        ("Examples", "; or ".join(_example(knowledge, example) for example in rule.examples)),
        ("Defined in", str(rule.location)),
    ]
    parts += [Text.assemble((f"{label}: ", "bold"), text) for label, text in rows]
    parts.append(Text("Source:", style="bold"))
    for name in rule.source:
        _, passage = knowledge.passage[name]
        place = Text(f"[{name}] {phrases.passage(knowledge, name)}")
        parts.append(Padding(Group(place, Text(passage.summary, style="italic")), (0, 0, 0, 2)))
    return Group(*parts)


def rule_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as plain data: the object that `rules --format json` writes."""
    return {
        "id": rule.id,
        "verb": rule.verb,
        "target": _target(rule),
        "alternatives": [[str(fact) for fact in alternative] for alternative in rule.alternatives],
        "because": rule.rationale,
        "basis": rule.basis,
        "source": rule.source,
        "examples": rule.examples,
        "origin": str(rule.location),
    }


def _target(rule: Rule) -> str:
    """Return what a rule concludes as its author wrote it: a derived fact in full, of the rest the id alone."""
    return str(rule.concludes) if rule.verb == "derive" else rule.concludes.id


def _kind(finding: Finding) -> str:
    return _KINDS.get(finding.kind) or f"number, {finding.minimum} to {finding.maximum}"


def _example(knowledge: Knowledge, example: dict[str, Answer]) -> str:
    return ", ".join(phrases.answer(knowledge, name, given) for name, given in example.items())
