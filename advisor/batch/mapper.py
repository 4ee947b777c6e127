"""The core of a batch: a pure function from a chunk of input to bytes of output.

    mapper = Mapper(advisor.load().knowledge, "lines")
    outcome = mapper(Chunk("intake.jsonl", "intake", (b'{"findings": ["fatigue"]}',)))

The same chunk gives the same bytes in any process and on any machine, so a cluster can map it just as `batch` does. The
only state are tables of what was worked out before.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from advisor.batch.chunks import Chunk, Record, Row, SymptomFile, Unusable
from advisor.batch.decoders import Case, Reader
from advisor.batch.encoders import FORMS
from advisor.diagnostics import MOST_SHOWN, AnswersError, Diagnostic, EngineError, Location
from advisor.engine.durable import DurableEngine
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices

Place: TypeAlias = int | str  # a line of the chunk's file, or a file


class Reject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record that is no case: one line of the rejects file."""

    file: str
    line: int  # 0 where the file as a whole is meant
    problems: tuple[str, ...]
    text: str
    base64: str = ""  # the text byte for byte, where it is not UTF-8


class Outcome(msgspec.Struct, frozen=True):
    """What became of a chunk. `advised` and `rejects` add up to its records, blank ones left out."""

    output: bytes | memoryview
    advised: int = 0
    rejects: tuple[Reject, ...] = ()
    care: dict[str, int] = {}
    nutrients: dict[str, int] = {}
    names: bytes = b"{}"  # JSON: where each case advised on stands (its line, or its file), and its name


class Found(msgspec.Struct, frozen=True, gc=False):
    """A case that was read from a chunk."""

    record: Record
    number: int  # of the line, where records are lines
    place: Place
    case: Case
    kept: Sequence[str]  # cells of the columns to keep


class ChunkReader:
    """Reads the cases of chunks."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        """Prepare to read; `kept` names columns of tables that are no findings."""
        self._reader = Reader(slices)
        self._kept = tuple(kept)

    def __call__(self, chunk: Chunk) -> Iterator[Found | Reject]:
        """Yield each record of a chunk as a case, or why it is none; blank lines are neither."""
        read = self._reading(chunk)
        for number, record in enumerate(chunk.records, chunk.first):
            try:
                if isinstance(record, bytes):
                    yield Found(record, number, number, self._reader.line(record, chunk.file, number, chunk.stem), ())
                else:
                    yield read(record, number)
            except AnswersError as error:
                if not isinstance(record, bytes) or record.strip():
                    yield rejected(chunk, record, error.diagnostics, number)

    def _reading(self, chunk: Chunk) -> Callable[[Row | SymptomFile | Unusable, int], Found]:
        """Return what reads a record that is not a line of JSON."""
        ours = [place for place, column in enumerate(chunk.columns) if column not in self._kept]
        columns = [chunk.columns[place] for place in ours]
        kept = [chunk.columns.index(column) if column in chunk.columns else -1 for column in self._kept]

        def read(record: Row | SymptomFile | Unusable, number: int) -> Found:
            if isinstance(record, Row):
                cells = [record.cells[place] for place in ours]
                case = self._reader.row(columns, cells, chunk.file, record.line, chunk.stem)
                extra = [record.cells[place] if place >= 0 else "" for place in kept]
                return Found(record, number, record.line, case, extra)
            if isinstance(record, SymptomFile):
                return Found(
                    record, number, record.file, self._reader.document(record.text, record.file, record.stem), ()
                )
            raise AnswersError([Diagnostic(Location(record.file, record.line), "not-a-case", record.fault)])

        return read


class Mapper:
    """Maps chunks to output of one form."""

    def __init__(self, knowledge: Knowledge, form: str, kept: Sequence[str] = (), compress: bool = False) -> None:
        """Prepare for a form (a key of `FORMS`), keeping the columns `kept`; with `compress`, output is gzip members.

        Raises EngineError where the rule engine cannot be used.
        """
        slices = Slices(knowledge, DurableEngine(knowledge.rules))
        self._read = ChunkReader(slices, kept)
        self._form = FORMS[form](slices, kept)
        self._compress = compress

    def __call__(self, chunk: Chunk) -> Outcome:
        """Return the output for a chunk, its rejects and what came up."""
        rejects: list[Reject] = []
        names: list[tuple[Place, str]] = []
        add = self._form.add
        for found in self._read(chunk):
            if isinstance(found, Reject):
                rejects.append(found)
                continue
            try:
                add(found.case, found.kept)
                names.append((found.place, found.case.name))
            except EngineError as error:
                fault = Diagnostic(Location(), "not-a-case", f"no advice for this case: {error}")
                rejects.append(rejected(chunk, found.record, [fault], found.number))
        output = self._form.take()
        if self._compress and output:
            output = gzip.compress(output, compresslevel=6, mtime=0)
        care, nutrients = self._form.parts.counted()
        return Outcome(output, len(names), tuple(rejects), care, nutrients, _places(names))


def _places(names: Iterable[tuple[Place, str]]) -> bytes:
    """Return places and names as a JSON object; a place named twice is there twice."""
    by_place = dict(names)
    if len(by_place) == len(names := list(names)):
        return msgspec.json.encode(by_place)
    return b"{%b}" % b",".join(b"%b:%b" % (msgspec.json.encode(str(p)), msgspec.json.encode(n)) for p, n in names)


def rejected(chunk: Chunk, record: Record, problems: Iterable[Diagnostic], number: int = 0) -> Reject:
    """Return what the rejects file says of a record: which it is, everything wrong with it, and its text.

    `number` is that of the line where the record is one, by default the first of the chunk.
    """
    text = record if isinstance(record, bytes) else record.text
    file = chunk.file if isinstance(record, bytes | Row) else record.file
    line = number or chunk.first if isinstance(record, bytes) else 0 if isinstance(record, SymptomFile) else record.line
    messages = [
        f"line {problem.location.line}: {problem.message}"
        if isinstance(record, SymptomFile) and problem.location.line
        else problem.message
        for problem in problems
    ]
    if len(messages) > MOST_SHOWN:
        messages[MOST_SHOWN:] = [f"... and {len(messages) - MOST_SHOWN} more problems"]
    try:
        return Reject(file, line, tuple(messages), text.decode())
    except UnicodeDecodeError:
        return Reject(file, line, tuple(messages), text.decode(errors="replace"), b64encode(text).decode())
