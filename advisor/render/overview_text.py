"""The table of nutrients for a terminal: whatever the width, it says the same in the same order.

Each thing that was reported has a letter, and the letter is the mark as well, so that a row says by itself what points
to the nutrient, also when it is read aloud:

       a  Muscle cramps
       b  Unusual tiredness

    1 = Potassium    a b   evidence: no study named
    1 = Vitamin B12  a b   evidence: thought possible
    3   Magnesium    a     evidence: mixed results
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.text import Text

from advisor.render.layout import lettered, letters
from advisor.render.nutrient_view import Overview

_GAP = "  "


class OverviewTable:
    """The table: a line for each nutrient where that fits, else two, else each part on lines of its own."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        places = max(cell_len(row.place) for row in overview.rows)
        names = max(cell_len(row.name) for row in overview.rows)
        self._indent = places + 1
        self._heads = [f"{row.place:<{places}} {row.name:<{names}}" for row in overview.rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield lettered(self._overview.findings)
        yield Text()
        marks, evidence = list(self._marks()), [f"evidence: {row.evidence}" for row in self._overview.rows]
        half = max(cell_len(f"{head}{_GAP}{mark}") for head, mark in zip(self._heads, marks, strict=True))
        whole = half + len(_GAP) + max(map(cell_len, evidence))
        for head, mark, last in zip(self._heads, marks, evidence, strict=True):
            if whole <= options.max_width:
                yield Text.assemble((head, "bold"), f"{_GAP}{mark}{_GAP}{last}")
                continue
            if half <= options.max_width:
                yield Text.assemble((head, "bold"), f"{_GAP}{mark.rstrip()}")
            else:
                yield Text(head.rstrip(), style="bold")
                yield self._below(" ".join(mark.split()))
            yield self._below(last)

    def _marks(self) -> Iterator[str]:
        signs = letters(len(self._overview.findings))
        for row in self._overview.rows:
            marked = zip(signs, row.marks, strict=True)
            yield " ".join(sign if mark else " " * len(sign) for sign, mark in marked)

    def _below(self, text: str) -> Padding:
        return Padding(Text(text), (0, 0, 0, self._indent))
