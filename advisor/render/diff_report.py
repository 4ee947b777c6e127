"""What a change of rules means, in words: for a terminal, or as Markdown to paste into a review."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from advisor.analysis.diff import Comparison, Difference, Witness
from advisor.render.layout import bulleted

_HOW = {"gained": "is concluded now", "lost": "is concluded no more", "changed": "is concluded otherwise"}


def view(comparison: Comparison) -> RenderableType:
    """Return the comparison for a terminal."""
    parts: list[RenderableType] = []
    for heading, text, items in _sections(comparison):
        parts += [Text(heading, style="bold"), Text(text), bulleted(items), Text()]
    return Group(*parts, Text(_closing(comparison), style="bold"))


def markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown; ids and symptom sets stand as code."""
    lines = [f"**{_closing(comparison)}**", ""]
    for heading, text, items in _sections(comparison, "`"):
        lines += [f"### {heading}", "", *([text, ""] if text else []), *(f"- {item}" for item in items), ""]
    return "\n".join(lines)


def _sections(comparison: Comparison, mark: str = "") -> Iterator[tuple[str, str, list[str]]]:
    for one in comparison.differences:
        items = [_witness(case, mark) for case in one.cases]
        if not one.differing:
            yield f"{one.kind} {mark}{one.id}{mark}", _extent(one), []
            continue
        if one.differing > len(items):
            items.append(f"and {one.differing - len(items):,} more")
        items.append(f"Rules: {', '.join(f'{mark}{rule}{mark}' for rule in one.rules)}")
        yield f"{one.kind} {mark}{one.id}{mark}", _extent(one), items
    if comparison.vocabulary:
        yield "What can be reported or shown", "", list(comparison.vocabulary)
    names = [f"{mark}{name}{mark}" for name in comparison.rules]
    if names:
        text = "Whether or not it changes what is concluded."
        yield "Rules that are new, gone, or have other conditions or conclusions", text, names
    if comparison.rewordings:
        items = [f"{mark}{one.what}{mark}: {', '.join(one.fields)}" for one in comparison.rewordings]
        yield "Only words or sources", "", items


def _extent(one: Difference) -> str:
    tried = f"{one.patterns:,} patterns that were tried, of more than can be"
    if one.complete:
        return f"It differs for {one.differing:,} of {one.patterns:,} patterns of answers. The smallest:"
    if one.differing:
        return f"It differs for {one.differing:,} of {tried}. The smallest of those:"
    return f"Its rules differ, but it does for none of the {tried}."


def _witness(case: Witness, mark: str) -> str:
    reported = (name if answer is True else f"{name}: {_said(answer)}" for name, answer in case.findings.items())
    findings = ", ".join(reported)
    change = f" ({_said(case.before)} before, {_said(case.after)} after)" if case.how == "changed" else ""
    return f"{mark}{findings or 'no findings'}{mark} {_HOW[case.how]}{change}"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return f"support {value['support']} from {', '.join(value['matched'])}"
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)


def _closing(comparison: Comparison) -> str:
    number = sum(bool(one.differing) for one in comparison.differences)
    if number:
        return "1 conclusion differs." if number == 1 else f"{number} conclusions differ."
    if comparison.differences:
        return "No difference was found, but not everything could be compared."
    if comparison.vocabulary:
        return "The vocabulary or an order differs."
    return "No difference in meaning." if comparison.rules or comparison.rewordings else "No difference."
