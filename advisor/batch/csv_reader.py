"""CSV files: their heading, and their records one by one, with the lines on which they stand.

They are read by the csv module of the standard library, in its strict mode. A record that it cannot read costs one
line: reading resumes at the next line, so that a quote left open does not swallow the rest of the file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from gzip import GzipFile
from typing import IO, Final

from advisor.batch.chunks import Row, Unusable
from advisor.diagnostics import AnswersError, Diagnostic, Location, nearest, shown
from advisor.source.positioned import MAX_BYTES

MOST_LINES: Final = 100  # of one record: a note may have some, but a quote left open must not take in the whole file


def heading(stream: IO[bytes] | GzipFile, name: str, vocabulary: Collection[str], keep: bool) -> tuple[str, ...]:
    """Read the names of the columns: `case` and ids of findings, and others only if they are to be kept.

    Raises AnswersError with everything that is wrong with them.
    """
    faults: list[str]
    lines = _Lines(stream)
    try:
        cells = next(csv.reader(lines, strict=True), None)
    except (csv.Error, _OverlongError):
        faults = ["the heading is not a row of CSV"]
    else:
        columns = tuple(cell.strip() for cell in cells or ())
        if lines.undecodable:
            faults = [f"{lines.undecodable}; save it as UTF-8 and try again"]
        elif not cells or not any(cells):
            faults = ["the first line must name the columns: 'case' and ids of findings"]
        else:
            faults = _faults_of(columns, vocabulary, keep)
        if not faults:
            return columns
    raise AnswersError(Diagnostic(Location(name, 1), "column", fault) for fault in faults)


def _faults_of(columns: Sequence[str], vocabulary: Collection[str], keep: bool) -> list[str]:
    """Return everything that is wrong with the names of columns."""
    if not set(columns).intersection(vocabulary):
        separator = "semicolons" if ";" in columns[0] else "tabs" if "\t" in columns[0] else ""
        hint = f"; it is separated by {separator}: save it with commas" if separator else ""
        return [f"no column is a finding (see `nutrient-advisor findings`){hint}"]
    known = ("case", *vocabulary)
    faults = []
    for place, column in enumerate(columns):
        if not column:
            faults.append(f"column {place + 1} has no name")
        elif column in columns[:place]:
            faults.append(f"column {shown(column)} is there twice; keep one")
        elif column not in known and not keep:
            hint = nearest(column, known) or " (--keep-columns keeps columns that are no findings)"
            faults.append(f"unknown column {shown(column)}{hint}")
    return faults


def rows(stream: IO[bytes] | GzipFile, name: str, columns: int) -> Iterator[Row | Unusable]:
    """Yield the records after the heading, blank ones left out."""
    lines = _Lines(stream)
    next(csv.reader(lines, strict=True), None)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin_record()
        try:
            cells = next(reader, None)
        except (csv.Error, _OverlongError) as error:
            fault = _fault_of(lines, error)
            yield Unusable(name, lines.record_line, lines.give_back_all_but_first(), fault)
            reader = csv.reader(lines, strict=True)  # the old one may be inside a quote
            continue
        if cells is None:
            return
        if lines.undecodable:
            yield Unusable(name, lines.record_line, lines.record_text, lines.undecodable)
        elif not any(map(str.strip, cells)):
            continue
        elif len(cells) != columns:
            fault = f"{len(cells)} cells, where the heading has {columns}"
            yield Unusable(name, lines.record_line, lines.record_text, fault)
        else:
            yield Row(lines.record_line, lines.record_text, tuple(cells))


def _fault_of(lines: _Lines, error: Exception) -> str:
    """Return what is wrong with the record that could not be read from these lines."""
    if isinstance(error, _OverlongError):
        return str(error)
    if _ends_at_carriage_return(lines.record_text):
        return "not a row of CSV: a carriage return stands in the middle of it"
    return f"not a row of CSV ({error}); is a quote opened and not closed?"


def _ends_at_carriage_return(record: bytes) -> bool:
    r"""Tell whether a record is complete at a carriage return, with more behind it on the same line.

    A carriage return may stand inside quotes. Here it is read as the end of a line, as it is on very old machines: of
    the record `a,"b\rc",d\re,f` the reader takes `a,"b\r` and `c",d\r`, which are a row, and leaves `e,f`.
    """
    pieces = iter([piece.decode(errors="replace") for piece in record.splitlines(keepends=True)])
    try:
        next(csv.reader(pieces, strict=True))
    except csv.Error:
        return False
    return next(pieces, None) is not None


class _OverlongError(Exception):
    """A line or a record is longer than any table of ours can need."""


class _Lines(Iterator[str]):
    """The lines of a file. It keeps those of the record that is being read, and can take them back."""

    def __init__(self, stream: IO[bytes] | GzipFile) -> None:
        self._stream = stream
        self._next = 1
        self._taken: list[tuple[int, bytes, str]] = []  # the number, the line, and why it is too long
        self._given_back: deque[tuple[int, bytes, str]] = deque()
        self.undecodable = ""  # what in this record is not UTF-8, in words

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
        """Forget the lines of the previous record."""
        self._taken = []
        self.undecodable = ""

    @property
    def record_line(self) -> int:
        """The number of the first line of this record."""
        return self._taken[0][0]

    @property
    def record_text(self) -> bytes:
        """The text of this record, without the end of its last line."""
        return _without_newline(b"".join(line for _, line, _ in self._taken))

    def give_back_all_but_first(self) -> bytes:
        """Return the first line of this record. The others will be read again."""
        self._given_back.extendleft(reversed(self._taken[1:]))
        self._taken = self._taken[:1]
        return self.record_text


def _without_newline(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r")
