"""The content of the input, cut into chunks.

JSON Lines are read in blocks of bytes, and a chunk holds the lines that end in one block. A chunk of a table holds some
of its rows, and symptom files share a chunk too.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from advisor.batch import csv_reader
from advisor.batch.chunks import Chunk, Record, SymptomFile, Unusable
from advisor.batch.sources import READ_ERRORS, Input, Source, Stream, opened, unreadable
from advisor.diagnostics import AnswersError, Diagnostic, Location
from advisor.source.positioned import MAX_BYTES

BLOCK: Final = 1 << 16  # bytes read at once: some hundred cases
ROWS: Final = 500  # rows of a table in a chunk
FILES: Final = 50  # symptom files in a chunk


def read(found: Input, block_until_full: bool = True, block_size: int = BLOCK) -> Iterator[Chunk]:
    """Yield the content of all files as chunks, in order; of JSON Lines about `block_size` bytes at a time.

    If `block_until_full` is false, what has arrived through a pipe is passed on at once, and not only in full blocks.
    Raises AnswersError if a file cannot be read to its end.
    """
    before = 0  # bytes of the files that have been read
    waiting: list[Source] = []  # symptom files, to go into one chunk
    for source in found.sources:
        if waiting and (source.kind != "symptoms" or len(waiting) == FILES):
            yield _symptom_files(waiting, before)
            waiting = []
        if source.kind == "symptoms":
            waiting.append(source)
        else:
            with opened(source) as (stream, file):
                blocks = _blocks(stream, source, block_until_full, block_size)
                chunks = _lines(blocks, source) if source.kind == "lines" else _rows(stream, source)
                try:
                    for chunk in chunks:
                        reached = before + (file.tell() if source.size else 0)
                        yield msgspec.structs.replace(chunk, reached=reached)
                except READ_ERRORS as error:
                    raise unreadable(source.name, error) from None
        before += source.size
    if waiting:
        yield _symptom_files(waiting, before)


def _blocks(stream: Stream, source: Source, until_full: bool, size: int) -> Iterator[bytes]:
    """Yield a file in blocks of `size` bytes, or smaller ones as they arrive, without a byte order mark.

    Raises AnswersError if the file is UTF-16, or a pipe that has nothing to read yet and does not block.
    """
    get: Callable[[int], bytes | None] = stream.read if until_full else stream.read1
    started = False
    while block := get(size):
        if not started:
            if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                message = "saved as UTF-16; save it as UTF-8 and try again"
                raise AnswersError([Diagnostic(Location(source.name, 1), "unusable-input", message)])
            block = block.removeprefix(codecs.BOM_UTF8)
            started = True
        yield block
    if block is None:
        message = "cannot be read: nothing has arrived yet, and it does not wait"
        raise AnswersError([Diagnostic(Location(source.name), "unreadable", message)])


def _lines(blocks: Iterable[bytes], source: Source) -> Iterator[Chunk]:
    r"""Yield for each block in which lines end a chunk of those lines.

    blocks   `one\ntwo\nthr`   `ee\nfour`
    chunks   one, two          three        four
    """
    first = 1  # the number of the first line that has not been yielded
    begun = b""  # the beginning of a line whose end has not been read
    for block in blocks:
        end = block.rfind(b"\n")
        if end >= 0:
            lines = (begun + block[:end]).split(b"\n")
            yield _chunk_of_lines(lines, first, source)
            first += len(lines)
            begun = block[end + 1 :]
        elif len(begun) <= MAX_BYTES:  # the rest of a line that is too long is not kept
            begun += block
    if begun:
        yield _chunk_of_lines([begun], first, source)


def _chunk_of_lines(lines: Sequence[bytes], first: int, source: Source) -> Chunk:
    records: list[Record] = list(lines)
    for index, line in enumerate(lines):
        if len(line) > MAX_BYTES:
            fault = f"a line of more than {MAX_BYTES:,} bytes, of which the first are kept here"
            records[index] = Unusable(source.name, first + index, line[:MAX_BYTES], fault)
    return Chunk(source.name, source.stem, tuple(records), first)


def _rows(stream: Stream, source: Source) -> Iterator[Chunk]:
    """Yield the rows of a table, some at a time."""
    records: list[Record] = []
    size = 0
    for record in csv_reader.rows(stream, source.name, len(source.columns)):
        records.append(record)
        size += len(record.text)
        if len(records) == ROWS or size > BLOCK * 4:
            yield Chunk(source.name, source.stem, tuple(records), columns=source.columns)
            records, size = [], 0
    if records:
        yield Chunk(source.name, source.stem, tuple(records), columns=source.columns)


def _symptom_files(sources: Sequence[Source], reached: int) -> Chunk:
    """Return symptom files as a chunk; one that cannot be read is a record that is unusable."""
    records: list[Record] = []
    for source in sources:
        try:
            with opened(source) as (stream, _):
                records.append(SymptomFile(source.name, source.stem, stream.read(MAX_BYTES + 1)))
        except AnswersError as error:
            records.append(Unusable(source.name, 0, b"", error.diagnostics[0].message))
        except READ_ERRORS as error:
            records.append(Unusable(source.name, 0, b"", f"cannot be read: {error}"))
    return Chunk("", "", tuple(records), reached=reached)
