"""Lists that wrap under themselves, whatever the width: bulleted or numbered."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text


def bulleted(texts: Iterable[str]) -> Table:
    """Return the texts as a list."""
    return _marked((" -", text) for text in texts)


def numbered(texts: Iterable[str]) -> Table:
    """Return the texts as a list numbered from 1."""
    return _marked((f"{number:>3}", text) for number, text in enumerate(texts, 1))


def _marked(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for mark, text in rows:
        grid.add_row(mark, Text(text))
    return grid
