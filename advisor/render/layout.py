"""Lists that wrap under themselves, whatever the width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, islice, product
from string import ascii_lowercase

from rich.table import Table
from rich.text import Text


def bulleted(texts: Iterable[str]) -> Table:
    """Return the texts as a list."""
    return _marked((" -", text) for text in texts)


def numbered(texts: Iterable[str]) -> Table:
    """Return the texts as a list numbered from 1."""
    return _marked((f"{number:>3}", text) for number, text in enumerate(texts, 1))


def lettered(texts: Sequence[str]) -> Table:
    """Return the texts as a list with a letter before each."""
    return _marked((f" {sign}", text) for sign, text in zip(letters(len(texts)), texts, strict=True))


def referenced(texts: Iterable[tuple[int, str]]) -> Table:
    """Return the texts as a list with the number by which each is referred to."""
    return _marked((f"[{number}]", text) for number, text in texts)


def letters(number: int) -> list[str]:
    """Return so many letters: `a` to `z`, then `aa`, `ab`, …."""
    words = ("".join(word) for length in count(1) for word in product(ascii_lowercase, repeat=length))
    return list(islice(words, number))


def _marked(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for mark, text in rows:
        grid.add_row(mark, Text(text))
    return grid
