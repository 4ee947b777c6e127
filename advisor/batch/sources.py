"""The input of a batch: which files it is, and their content as chunks. Reads; knows nothing of findings' meaning.

What a file holds is told by its name: `.jsonl` and `.ndjson` lines of JSON, `.csv` a table, `.yaml`, `.yml` and `.json`
one symptom file each; `.gz` behind any of them is unpacked. `-`, pipes and devices hold lines of JSON.
"""

from __future__ import annotations

import codecs
import gzip
import stat
import sys
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias

import msgspec

from advisor import files
from advisor.batch import csv_reader
from advisor.batch.chunks import Chunk, Record, SymptomFile, Unusable
from advisor.diagnostics import AnswersError, Diagnostic, Location, printable
from advisor.source.positioned import MAX_BYTES

Kind: TypeAlias = Literal["lines", "table", "symptoms"]
Stream: TypeAlias = BufferedReader | gzip.GzipFile

KINDS: Final[dict[str, Kind]] = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".csv": "table",
    ".yaml": "symptoms",
    ".yml": "symptoms",
    ".json": "symptoms",
}
BLOCK: Final = 1 << 16  # bytes read at once: some hundred cases
ROWS: Final = 500  # rows of a table in a chunk
FILES: Final = 50  # symptom files in a chunk


class Source(msgspec.Struct, frozen=True):
    """One file of the input."""

    path: str
    name: str  # to be shown
    stem: str
    kind: Kind
    size: int = 0  # bytes; 0 where it is not known
    columns: tuple[str, ...] = ()  # of a table


class Input(msgspec.Struct, frozen=True):
    """All that was asked to be read, in order."""

    sources: tuple[Source, ...]
    skipped: tuple[str, ...]  # files in folders that are of no kind known

    @property
    def size(self) -> int:
        """How many bytes there are to read; 0 where that is not known."""
        return 0 if any(not source.size for source in self.sources) else sum(source.size for source in self.sources)


def find(paths: Sequence[str], vocabulary: Collection[str], keep: bool, outputs: Iterable[Path]) -> Input:
    """Find the files that were named, and those in the folders named; read the headings of tables.

    Columns outside the `vocabulary` are a fault unless they are to be kept. `outputs` are files that this run writes:
    left out of folders, and a fault where they are named. Raises AnswersError with everything that cannot be read.
    """
    # files this run writes: by name, and what standard output and standard error are
    written = {*map(files.identity, outputs), *map(files.identity, (1, 2))} - {None}
    sources: list[Source] = []
    skipped: list[str] = []
    problems: list[Diagnostic] = []
    for path in paths:
        if path == "-":
            sources.append(Source("-", "<stdin>", "stdin", "lines"))
        elif not path:
            problems.append(Diagnostic(Location(), "unusable-input", "an input without a name: '' is no file"))
        else:
            try:
                _named(Path(path), written, sources, skipped)
            except AnswersError as error:
                problems += error.diagnostics
            except (OSError, ValueError) as error:
                problems += _unreadable(printable(path), error).diagnostics
    for place, source in enumerate(sources):
        if source.kind == "table":
            try:
                with _opened(source) as (stream, _):
                    found = csv_reader.heading(stream, source.name, vocabulary, keep)
                sources[place] = msgspec.structs.replace(source, columns=found)
            except AnswersError as error:
                problems.extend(error.diagnostics)
    if not sources and not problems:
        problems.append(
            Diagnostic(
                Location(printable(paths[0]) if paths else ""),
                "unusable-input",
                "holds no symptom files or batch files",
            )
        )
    if problems:
        raise AnswersError(problems)
    return Input(tuple(sources), tuple(skipped))


def read(found: Input, patient: bool = True, block: int = BLOCK) -> Iterator[Chunk]:
    """Yield the content of all files as chunks, in order; of lines about `block` bytes at a time.

    Where it is not `patient`, what has arrived on standard input is passed on at once instead of in full blocks. Raises
    AnswersError where a file cannot be read to its end.
    """
    before = 0
    waiting: list[Source] = []  # symptom files, to make one chunk
    for source in found.sources:
        if source.kind == "symptoms":
            waiting.append(source)
            before += source.size
            if len(waiting) == FILES:
                yield _symptoms(waiting, before)
                waiting = []
            continue
        if waiting:
            yield _symptoms(waiting, before)
            waiting = []
        with _opened(source) as (stream, raw):
            try:
                chunks = _lines(stream, source, patient, block) if source.kind == "lines" else _table(stream, source)
                for chunk in chunks:
                    yield msgspec.structs.replace(chunk, reached=before + (raw.tell() if source.size else 0))
            except (OSError, EOFError, zlib.error) as error:
                raise _unreadable(source.name, error) from None
        before += source.size
    if waiting:
        yield _symptoms(waiting, before)


def _named(path: Path, written: Collection[object], sources: list[Source], skipped: list[str]) -> None:
    """Add what a name given stands for. Raises AnswersError or OSError where it cannot be used."""
    name = printable(str(path))
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        _walk(path, written, sources, skipped)
    elif not stat.S_ISREG(mode):
        sources.append(Source(str(path), name, path.name, "lines"))
    elif files.identity(path) in written:
        raise AnswersError(
            [Diagnostic(Location(name), "unusable-input", "is what this run is to write; name another output")]
        )
    elif source := _source(path):
        sources.append(source)
    else:
        message = f"its name does not say what it holds; it must end in {', '.join(KINDS)}, maybe with .gz"
        raise AnswersError([Diagnostic(Location(name), "unusable-input", message)])


def _walk(folder: Path, written: Collection[object], sources: list[Source], skipped: list[str]) -> None:
    """Add the files of a folder and its subfolders by name. Raises AnswersError where one cannot be read."""
    waiting = [str(folder)]
    while waiting:
        path = Path(waiting.pop())
        if path != folder and (path.name.startswith(".") or files.identity(path) in written):
            continue
        if path == folder or (path.is_dir() and not path.is_symlink()):
            try:
                inside = sorted((entry.name for entry in path.iterdir()), reverse=True)
            except OSError as error:
                raise _unreadable(printable(str(path)), error) from None
            waiting += [str(path / name) for name in inside]
        elif source := _source(path):
            sources.append(source)
        else:
            skipped.append(printable(str(path)))


def _source(path: Path) -> Source | None:
    """Return a regular file as a source; None where its name does not say what it holds, or there is none."""
    inner = Path(path.stem) if path.suffix.lower() == ".gz" else path
    kind = KINDS.get(inner.suffix.lower())
    try:
        status = path.stat()
    except OSError:  # a link that leads nowhere
        return None
    if kind is None or not stat.S_ISREG(status.st_mode):
        return None
    return Source(str(path), printable(str(path)), inner.stem, kind, status.st_size)


@contextmanager
def _opened(source: Source) -> Iterator[tuple[Stream, BinaryIO]]:
    """Open a file for reading: its content, and the file itself, which tells how far reading has come."""
    piped = source.path == "-"
    if piped and sys.stdin is None:
        raise AnswersError([Diagnostic(Location(source.name), "unreadable", "cannot be read: it is closed")])
    try:
        raw = open(sys.stdin.fileno() if piped else source.path, "rb", closefd=not piped)  # noqa: SIM115
    except OSError as error:
        raise _unreadable(source.name, error) from None
    with raw:
        yield gzip.GzipFile(fileobj=raw) if source.path.lower().endswith(".gz") else raw, raw


def _lines(stream: Stream, source: Source, patient: bool, size: int) -> Iterator[Chunk]:
    number, rest = 1, b""
    get = stream.read if patient else stream.read1
    while block := get(size):
        if number == 1 and not rest:
            block = block.removeprefix(codecs.BOM_UTF8)
        end = block.rfind(b"\n") + 1
        if end:
            lines: tuple[Record, ...] = tuple((rest + block[: end - 1]).split(b"\n"))
            if number == 1:
                _refuse_utf16(block, source.name)
            if len(rest) + block.find(b"\n") > MAX_BYTES:  # no other line can be: blocks are smaller
                lines = (_overlong(source, number, rest + block), *lines[1:])
            yield Chunk(source.name, source.stem, lines, number)
            number += len(lines)
            rest = block[end:]
        else:
            rest += block
        if len(rest) > MAX_BYTES:
            while (more := stream.readline(BLOCK)) and not more.endswith(b"\n"):
                pass
            yield Chunk(source.name, source.stem, (_overlong(source, number, rest),), number)
            number, rest = number + 1, b""
    if block is None:  # a pipe that does not wait
        raise AnswersError(
            [
                Diagnostic(
                    Location(source.name), "unreadable", "cannot be read: nothing has arrived yet, and it does not wait"
                )
            ]
        )
    if rest:
        if number == 1:
            _refuse_utf16(rest, source.name)
        yield Chunk(source.name, source.stem, (rest,), number)


def _overlong(source: Source, number: int, line: bytes) -> Unusable:
    fault = f"a line of more than {MAX_BYTES:,} bytes, of which the first are kept here"
    return Unusable(source.name, number, line[:MAX_BYTES], fault)


def _table(stream: Stream, source: Source) -> Iterator[Chunk]:
    records: list[Record] = []
    size = 0
    for record in csv_reader.rows(stream, source.name, len(source.columns)):
        records.append(record)
        size += len(record if isinstance(record, bytes) else record.text)
        if len(records) == ROWS or size > BLOCK * 4:
            yield Chunk(source.name, source.stem, tuple(records), columns=source.columns)
            records, size = [], 0
    if records:
        yield Chunk(source.name, source.stem, tuple(records), columns=source.columns)


def _symptoms(sources: Sequence[Source], reached: int) -> Chunk:
    records: list[Record] = []
    for source in sources:
        try:
            with _opened(source) as (stream, _):
                records.append(SymptomFile(source.name, source.stem, stream.read(MAX_BYTES + 1)))
        except (AnswersError, OSError, EOFError, zlib.error) as error:
            fault = error.diagnostics[0].message if isinstance(error, AnswersError) else f"cannot be read: {error}"
            records.append(Unusable(source.name, 0, b"", fault))
    return Chunk("", "", tuple(records), reached=reached)


def _refuse_utf16(start: bytes, name: str) -> None:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise AnswersError(
            [Diagnostic(Location(name, 1), "unusable-input", "saved as UTF-16; save it as UTF-8 and try again")]
        )


def _unreadable(name: str, error: Exception) -> AnswersError:
    reason = getattr(error, "strerror", None) or str(error)
    return AnswersError([Diagnostic(Location(name), "unreadable", f"cannot be read: {reason}")])
