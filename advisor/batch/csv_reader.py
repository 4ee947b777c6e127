"""CSV files: their heading, and their records one by one with the lines they stand on.

Read by the standard library's csv module, strictly. A record that it cannot make sense of costs only its first line:
reading goes on with the next, so that a quote left open does not swallow the rest of the file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Iterator
from gzip import GzipFile
from typing import IO, Final

from advisor.batch.chunks import Record, Row, Unusable
from advisor.diagnostics import AnswersError, Diagnostic, Location, nearest, shown
from advisor.source.positioned import MAX_BYTES


def heading(stream: IO[bytes] | GzipFile, name: str, vocabulary: Collection[str], keep: bool) -> tuple[str, ...]:
    """Read the names of the columns: `case` and ids of findings, others only where they are to be kept.

    Raises AnswersError with everything that is wrong with them.
    """
    lines = _Lines(stream)
    try:
        cells = next(csv.reader(lines, strict=True), None)
    except (csv.Error, _OverlongError):
        raise AnswersError([Diagnostic(Location(name, 1), "column", "the heading is not a row of CSV")]) from None
    if lines.undecodable:
        raise AnswersError(
            [Diagnostic(Location(name, 1), "column", f"{lines.undecodable}; save it as UTF-8 and try again")]
        )
    if not cells or not any(cells):
        raise AnswersError(
            [
                Diagnostic(
                    Location(name, 1), "column", "the first line must name the columns: 'case' and ids of findings"
                )
            ]
        )
    columns = tuple(cell.strip() for cell in cells)
    known = ("case", *vocabulary)
    problems = []
    for place, column in enumerate(columns):
        if not column:
            problems.append(Diagnostic(Location(name, 1), "column", f"column {place + 1} has no name"))
        elif column in columns[:place]:
            problems.append(Diagnostic(Location(name, 1), "column", f"column {shown(column)} is there twice; keep one"))
        elif column not in known and not keep:
            hint = nearest(column, known) or " (--keep-columns keeps columns that are no findings)"
            problems.append(Diagnostic(Location(name, 1), "column", f"unknown column {shown(column)}{hint}"))
    if not set(columns).intersection(vocabulary):
        apart = next((mark for mark in (";", "\t") if mark in columns[0]), "")
        marks = {";": "semicolons", "\t": "tabs"}
        why = f"; it is separated by {marks[apart]}: save it with commas" if apart else ""
        problems = [
            Diagnostic(Location(name, 1), "column", f"no column is a finding (see `nutrient-advisor findings`){why}")
        ]
    if problems:
        raise AnswersError(problems)
    return columns


def rows(stream: IO[bytes] | GzipFile, name: str, columns: int) -> Iterator[Record]:
    """Yield the records after the heading, blank ones left out."""
    lines = _Lines(stream)
    next(csv.reader(lines, strict=True), None)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin_record()
        try:
            cells = next(reader, None)
        except (csv.Error, _OverlongError) as error:
            number, first = lines.give_back_all_but_first()
            reader = csv.reader(lines, strict=True)
            why = str(error)
            if "new-line character" in why:
                why = "not a row of CSV: a carriage return stands in the middle of it"
            elif isinstance(error, csv.Error):
                why = f"not a row of CSV ({why}); is a quote opened and not closed?"
            yield Unusable(name, number, first, why)
            continue
        if cells is None:
            return
        number, text = lines.record()
        if lines.undecodable:
            yield Unusable(name, number, text, lines.undecodable)
        elif not any(map(str.strip, cells)):
            continue
        elif len(cells) != columns:
            yield Unusable(name, number, text, f"{len(cells)} cells, where the heading has {columns}")
        else:
            yield Row(number, text, tuple(cells))


MOST_LINES: Final = 100  # of one record: a note may have some, and an open quote must not take in the whole file


class _OverlongError(Exception):
    """A line is longer than any table of ours can need."""


class _Lines(Iterator[str]):
    """The lines of a file, which remembers those of the record being read and can take them back."""

    def __init__(self, stream: IO[bytes] | GzipFile) -> None:
        self._stream = stream
        self._next = 1
        self._taken: list[tuple[int, bytes, str]] = []  # number, line, and why it is too long
        self._given_back: deque[tuple[int, bytes, str]] = deque()
        self.undecodable = ""  # what of this record is not UTF-8, in words

    def __next__(self) -> str:
        number, line, overlong = self._given_back.popleft() if self._given_back else self._read()
        self._taken.append((number, line, overlong))
        if len(self._taken) > MOST_LINES:
            overlong = f"a record of more than {MOST_LINES} lines; is a quote opened and not closed?"
        if overlong:
            raise _OverlongError(overlong)
        try:
            return line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            self.undecodable = f"not UTF-8 text (byte 0x{line[error.start]:02x})"
            return line.decode("utf-8", errors="replace")

    def _read(self) -> tuple[int, bytes, str]:
        line = self._stream.readline(MAX_BYTES + 1)
        if not line:
            raise StopIteration
        number, overlong = self._next, ""
        self._next += 1
        if len(line) > MAX_BYTES and not line.endswith(b"\n"):
            line = line[:MAX_BYTES]
            overlong = f"a line of more than {MAX_BYTES:,} bytes, of which the first are kept here"
            while (more := self._stream.readline(MAX_BYTES)) and not more.endswith(b"\n"):
                pass
        return number, line, overlong

    def begin_record(self) -> None:
        """Forget the lines of the record before."""
        self._taken = []
        self.undecodable = ""

    def record(self) -> tuple[int, bytes]:
        """Return the number of the first line of this record, and its text."""
        return self._taken[0][0], _unended(b"".join(line for _, line, _ in self._taken))

    def give_back_all_but_first(self) -> tuple[int, bytes]:
        """Have all lines of this record read again but the first, which is returned with its number."""
        self._given_back.extendleft(reversed(self._taken[1:]))
        return self._taken[0][0], _unended(self._taken[0][1])


def _unended(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r")
