"""Explanations as trees for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from advisor.render.content import Content
from advisor.render.explained import Branch, Section
from advisor.render.text import closing


def view(sections: Sequence[Section], shown: Content) -> RenderableType:
    """Return the sections as trees, with what stands at the end of everything that gives advice."""
    parts: list[RenderableType] = [Text(f"About: {shown.case}", style="dim")]
    for section in sections:
        parts += [Text(), Text(section.heading, style="bold underline")]
        if section.text:
            parts.append(Padding(Text(section.text.strip()), (0, 0, 0, 3)))
        parts += [_tree(branch) for branch in section.branches]
    return Group(*parts, *closing(shown.disclaimers, shown.stamp))


def _tree(branch: Branch) -> Tree:
    label = Text(branch.text, style="bold" if branch.branches else "")
    if branch.reason:
        label.append(f"\n{branch.reason}", style="not bold")
    for place in branch.places:
        label.append(f"\n{place}", style="dim not bold")
    if branch.rule:
        label.append(f"\nrule {branch.rule}", style="dim not bold")
    made = Tree(label, guide_style="dim")
    for inner in branch.branches:
        made.add(_tree(inner))
    return made
