"""Chunks: pieces of the input, small enough to hold in memory and to hand to another process. Plain data.

A record is what should be one case: a line of JSON, a row of a table, a symptom file; or what cannot be read as any of
them, and why.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One record of a CSV file, which may stand on several lines."""

    line: int
    text: bytes  # as it stands in the file
    cells: tuple[str, ...]


class SymptomFile(msgspec.Struct, frozen=True):
    """The content of one symptom file."""

    file: str
    stem: str
    text: bytes


class Unusable(msgspec.Struct, frozen=True):
    """A record that is none, and why."""

    file: str
    line: int
    text: bytes
    fault: str


Record: TypeAlias = bytes | Row | SymptomFile | Unusable  # bytes are a line of JSON, perhaps blank


class Chunk(msgspec.Struct, frozen=True):
    """Records that stand together."""

    file: str  # as the person named it
    stem: str
    records: tuple[Record, ...]
    first: int = 1  # the number of the first line, where records are lines
    columns: tuple[str, ...] = ()  # of rows
    reached: int = 0  # how many bytes of all input were read up to here

    def halves(self) -> tuple[Chunk, Chunk]:
        """Return the chunk in two parts."""
        middle = len(self.records) // 2
        return (
            msgspec.structs.replace(self, records=self.records[:middle]),
            msgspec.structs.replace(self, records=self.records[middle:], first=self.first + middle),
        )
