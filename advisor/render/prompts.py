"""A question on a terminal: as it is asked, and as it stays there with its answer."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from advisor.render.layout import bulleted, numbered


def asked(text: str, beside: str, options: Iterable[str], note: str) -> RenderableType:
    """Return a question as a person reads it who types the answer; its options are numbered from 1."""
    labels = tuple(options)
    parts: list[RenderableType] = [Text(), heading(text, beside)]
    if labels:
        parts.append(numbered(labels))
    return Group(*parts, *([Text(note)] if note else []))


def answered(text: str, answers: Iterable[str]) -> RenderableType:
    """Return a question that was answered, with the answer."""
    return Group(Text(), heading(text), bulleted(answers))


def heading(text: str, beside: str = "") -> Text:
    """Return the line that a question begins with; what stands beside it is quieter."""
    return Text.assemble((text, "bold"), (f"  {beside}" if beside else "", "dim"))


def row(mark: str, label: str) -> Table:
    """Return a line of a list that wraps under its label."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark), Text(label))
    return grid
