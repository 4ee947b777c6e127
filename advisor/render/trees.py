"""Explanations as trees for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from advisor.render.branches import Branch
from advisor.render.explanation_view import ExplanationView
from advisor.render.text import care, closing, heading


def view(explanation: ExplanationView) -> RenderableType:
    """Return the sections as trees, after a notice that has to lead, with what stands at the end of all advice."""
    shown, notice = explanation.shown, explanation.notice
    numbers = {source.id: source.number for source in explanation.sources}
    parts: list[RenderableType] = []
    if notice:
        parts += [*care(notice), Text()]
    parts.append(Text(f"About: {shown.case}", style="dim"))
    if explanation.legend:
        parts.append(Text(explanation.legend, style="dim"))
    for section in explanation.sections:
        parts += heading(section.heading)
        if section.text:
            parts.append(Padding(Text(section.text), (0, 0, 0, 3)))
        for branch in section.branches:
            parts += [Text(), _tree(branch, numbers)]
    return Group(*parts, *closing(shown.disclaimers, explanation.sources, shown.stamp))


def _tree(branch: Branch, numbers: Mapping[str, int]) -> Tree:
    label = Text(branch.text, style="bold" if branch.branches else "")
    if branch.reason:
        label.append(f"\n{branch.reason}", style="not bold")
    for place in branch.places:
        label.append(f"\n[{numbers[place.source]}] {place.place}", style="dim not bold")
    if branch.rule:
        label.append(f"\nrule {branch.rule}", style="dim not bold")
    made = Tree(label, guide_style="dim")
    for inner in branch.branches:
        made.add(_tree(inner, numbers))
    return made
