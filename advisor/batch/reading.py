"""From chunks to cases: each record is a case, or is rejected with everything that is wrong with it.

For whoever needs the cases in some files and folders, and no advice on them, there is `read_cases`:

    for item in read_cases(knowledge, ["intake.csv", "forms/"]):
        if isinstance(item, Reject):
            print(item.file, item.line, item.problems)
        else:
            print(item.name, item.given)

What one record says is for `decoders`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from advisor.batch import chunking, sources
from advisor.batch.chunks import Chunk, Record, Row, SymptomFile
from advisor.batch.decoders import Case, Decoder
from advisor.diagnostics import MOST_SHOWN, AnswersError, Diagnostic, Location
from advisor.engine.closure import Closure
from advisor.model.knowledge import Knowledge
from advisor.reasoning.slices import Slices


class Reject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record that is not a case: one line of the rejects file."""

    file: str
    line: int  # 0 if the problem is the file as a whole
    problems: tuple[str, ...]
    text: str
    base64: str = ""  # the text byte for byte, if it is not UTF-8


def read_cases(knowledge: Knowledge, paths: Sequence[str], slices: Slices | None = None) -> Iterator[Case | Reject]:
    """Yield each case in these files and folders, in order, and each record that is not a case.

    The paths are those that `nutrient-advisor batch` takes; columns of CSV that are not findings are ignored.
    `Case.facts` are bits of `slices`; without `slices`, of any `Slices` of this knowledge. Raises AnswersError if a
    file cannot be read.
    """
    # Reading needs only the bits of facts, so any engine will do
    read = ChunkReader(slices or Slices(knowledge, Closure(knowledge.rules)))
    found = sources.find(paths, knowledge.finding, keep=True, outputs=())
    for chunk in chunking.read(found):
        for _, item in read(chunk):
            yield item


class ChunkReader:
    """Reads the cases in chunks."""

    def __init__(self, slices: Slices, kept: Sequence[str] = ()) -> None:
        """Prepare to read; `kept` names columns of tables that are not findings and whose cells are to be kept."""
        self._decoder = Decoder(slices, kept)

    def __call__(self, chunk: Chunk) -> Iterator[tuple[Record, Case | Reject]]:
        """Yield each record of a chunk with the case it is, or why it is rejected. Blank lines are passed over."""
        file, stem, line = chunk.file, chunk.stem, self._decoder.line
        for number, record in enumerate(chunk.records, chunk.first):
            item: Case | Reject
            try:
                if isinstance(record, bytes):
                    item = line(record, file, number, stem)
                elif isinstance(record, Row):
                    item = self._decoder.row(record, chunk.columns, file, stem)
                elif isinstance(record, SymptomFile):
                    item = self._decoder.symptom_file(record)
                else:
                    raise AnswersError([Diagnostic(Location(), "not-a-case", record.fault)])
            except AnswersError as error:
                if isinstance(record, bytes) and not record.strip():
                    continue
                item = rejected(record, chunk.location(number - chunk.first), error.diagnostics)
            yield record, item


def rejected(record: Record, location: Location, problems: Iterable[Diagnostic]) -> Reject:
    """Return what the rejects file says of a record: where it stands, everything wrong with it, and its text."""
    # A symptom file has lines of its own; each problem once, those of the first line first
    told = sorted({(problem.location.line, problem.message) for problem in problems})
    lines_told = isinstance(record, SymptomFile)
    messages = [f"line {line}: {message}" if lines_told and line else message for line, message in told]
    if len(messages) > MOST_SHOWN:
        messages[MOST_SHOWN:] = [f"... and {len(messages) - MOST_SHOWN} more problems"]
    text = record if isinstance(record, bytes) else record.text
    try:
        return Reject(location.file, location.line, tuple(messages), text.decode())
    except UnicodeDecodeError:
        replaced = text.decode(errors="replace")
        return Reject(location.file, location.line, tuple(messages), replaced, b64encode(text).decode())
