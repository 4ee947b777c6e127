"""Chunks: pieces of the input, small enough to hold in memory and to send to another process. Plain data.

A record is what should be one case: a line of JSON Lines, a row of a CSV file, or a symptom file. A record that cannot
even be read as one of these is `Unusable`, with the reason.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from advisor.diagnostics import Location


class Row(msgspec.Struct, frozen=True):
    """One record of a CSV file. It may span several lines."""

    line: int  # its first
    text: bytes  # as in the file
    cells: tuple[str, ...]


class SymptomFile(msgspec.Struct, frozen=True):
    """The content of one symptom file."""

    file: str
    stem: str
    text: bytes


class Unusable(msgspec.Struct, frozen=True):
    """A record that cannot be used, and why."""

    file: str
    line: int
    text: bytes
    fault: str


Record: TypeAlias = bytes | Row | SymptomFile | Unusable  # bytes are a line of JSON, or a blank line


class Chunk(msgspec.Struct, frozen=True):
    """Some records that follow each other in the input."""

    file: str  # as the person named it; empty for symptom files, which have names of their own
    stem: str
    records: tuple[Record, ...]
    first: int = 1  # the line number of the first record, if records are lines of JSON
    columns: tuple[str, ...] = ()  # the names of the columns, if records are rows
    reached: int = 0  # how many bytes of all the input have been read so far

    def location(self, index: int) -> Location:
        """Return where the record `records[index]` stands."""
        record = self.records[index]
        if isinstance(record, bytes):
            return Location(self.file, self.first + index)
        if isinstance(record, Row):
            return Location(self.file, record.line)
        if isinstance(record, SymptomFile):
            return Location(record.file)
        return Location(record.file, record.line)

    def halves(self) -> tuple[Chunk, Chunk]:
        """Return the chunk in two parts."""
        middle = len(self.records) // 2
        return (
            msgspec.structs.replace(self, records=self.records[:middle]),
            msgspec.structs.replace(self, records=self.records[middle:], first=self.first + middle),
        )
