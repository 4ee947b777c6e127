"""Which files a batch reads: those that were named, and those in the folders that were named.

The name of a file tells what it holds: `.jsonl` and `.ndjson` JSON Lines, `.csv` a table, `.yaml`, `.yml` and `.json`
one symptom file each; with `.gz` at the end it is unpacked. `-`, pipes and devices hold JSON Lines.
"""

from __future__ import annotations

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
from advisor.diagnostics import AnswersError, Diagnostic, Location, printable

Kind: TypeAlias = Literal["lines", "table", "symptoms"]
Stream: TypeAlias = BufferedReader | gzip.GzipFile

READ_ERRORS: Final = (OSError, EOFError, zlib.error)  # what reading a file that may be packed can raise
KINDS: Final[dict[str, Kind]] = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".csv": "table",
    ".yaml": "symptoms",
    ".yml": "symptoms",
    ".json": "symptoms",
}


class Source(msgspec.Struct, frozen=True):
    """One file of the input."""

    path: str
    name: str  # as it is shown
    stem: str
    kind: Kind
    size: int = 0  # in bytes; 0 if it is not known
    columns: tuple[str, ...] = ()  # of a table


class Input(msgspec.Struct, frozen=True):
    """All files that are to be read, in order."""

    sources: tuple[Source, ...]
    skipped: tuple[str, ...]  # files in folders whose names do not tell what they hold

    @property
    def size(self) -> int:
        """The bytes of all files together; 0 if that is not known."""
        return 0 if any(not source.size for source in self.sources) else sum(source.size for source in self.sources)


def find(paths: Sequence[str], vocabulary: Collection[str], keep: bool, outputs: Iterable[Path]) -> Input:
    """Find the files to read, and read the headings of tables.

    A column of a table that is not in the `vocabulary` is a fault unless `keep` is true. `outputs` are files that this
    run is going to write: they are left out of folders, and naming one is a fault. Raises AnswersError with all faults.
    """
    search = _Search(outputs)
    for path in paths:
        search.add(path)
    sources, problems = [], search.problems
    for source in search.sources:
        try:
            sources.append(_with_columns(source, vocabulary, keep) if source.kind == "table" else source)
        except AnswersError as error:
            problems += error.diagnostics
    if not search.sources and not problems:
        first = printable(paths[0]) if paths else ""
        problems.append(Diagnostic(Location(first), "unusable-input", "holds no symptom files or batch files"))
    if problems:
        raise AnswersError(problems)
    return Input(tuple(sources), tuple(search.skipped))


class _Search:
    """The files found so far, and what was wrong on the way."""

    def __init__(self, outputs: Iterable[Path]) -> None:
        # Standard output and standard error may be files in a folder that is read
        self._written = {*map(files.identity, outputs), *map(files.identity, (1, 2))} - {None}
        self.sources: list[Source] = []
        self.skipped: list[str] = []
        self.problems: list[Diagnostic] = []

    def add(self, path: str) -> None:
        """Add what a person named."""
        try:
            if path == "-":
                self.sources.append(Source("-", "<stdin>", "stdin", "lines"))
            elif path:
                self._add_named(Path(path))
            else:
                message = "an input without a name: '' is no file"
                self.problems.append(Diagnostic(Location(), "unusable-input", message))
        except (OSError, ValueError) as error:
            self.problems += unreadable(printable(path), error).diagnostics

    def _add_named(self, path: Path) -> None:
        name = printable(str(path))
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            self._add_folder(path)
        elif not stat.S_ISREG(mode):
            self.sources.append(Source(str(path), name, path.name, "lines"))
        elif files.identity(path) in self._written:
            message = "is what this run is to write; name another output"
            self.problems.append(Diagnostic(Location(name), "unusable-input", message))
        elif source := _source(path):
            self.sources.append(source)
        else:
            message = f"its name does not say what it holds; it must end in {', '.join(KINDS)}, maybe with .gz"
            self.problems.append(Diagnostic(Location(name), "unusable-input", message))

    def _add_folder(self, folder: Path) -> None:
        """Add the files of a folder and its subfolders, sorted by name. Links to folders are not followed."""
        waiting = [folder]  # the next one last; a list, because folders can nest deeper than function calls
        while waiting:
            path = waiting.pop()
            if path is folder or (path.is_dir() and not path.is_symlink()):
                waiting += reversed(self._entries(path))
            elif source := _source(path):
                self.sources.append(source)
            else:
                self.skipped.append(printable(str(path)))

    def _entries(self, folder: Path) -> list[Path]:
        """Return what is in a folder, sorted by name, but nothing hidden and nothing that this run writes."""
        try:
            entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        except OSError as error:
            self.problems += unreadable(printable(str(folder)), error).diagnostics
            return []
        visible = (entry for entry in entries if not entry.name.startswith("."))
        return [entry for entry in visible if files.identity(entry) not in self._written]


def _source(path: Path) -> Source | None:
    """Return a regular file as a source; None if it is not one, or its name does not tell what it holds."""
    inner = Path(path.stem) if path.suffix.lower() == ".gz" else path
    kind = KINDS.get(inner.suffix.lower())
    try:
        status = path.stat()
    except OSError:  # a link that leads nowhere
        return None
    if kind is None or not stat.S_ISREG(status.st_mode):
        return None
    return Source(str(path), printable(str(path)), inner.stem, kind, status.st_size)


def _with_columns(source: Source, vocabulary: Collection[str], keep: bool) -> Source:
    """Return a table with its columns. Raises AnswersError if its heading cannot be read or used."""
    with opened(source) as (stream, _):
        try:
            columns = csv_reader.heading(stream, source.name, vocabulary, keep)
        except READ_ERRORS as error:
            raise unreadable(source.name, error) from None
    return msgspec.structs.replace(source, columns=columns)


@contextmanager
def opened(source: Source) -> Iterator[tuple[Stream, BinaryIO]]:
    """Open a file for reading: its content, unpacked, and the file itself, which tells how far reading has come.

    Raises AnswersError if it cannot be opened.
    """
    piped = source.path == "-"
    if piped and sys.stdin is None:
        raise AnswersError([Diagnostic(Location(source.name), "unreadable", "cannot be read: it is closed")])
    try:
        raw = open(sys.stdin.fileno() if piped else source.path, "rb", closefd=not piped)  # noqa: SIM115
    except OSError as error:
        raise unreadable(source.name, error) from None
    with raw:
        yield gzip.GzipFile(fileobj=raw) if source.path.lower().endswith(".gz") else raw, raw


def unreadable(name: str, error: Exception) -> AnswersError:
    """Return the error that a file cannot be read, with the reason that the operating system or gzip gives."""
    reason = getattr(error, "strerror", None) or str(error)
    return AnswersError([Diagnostic(Location(name), "unreadable", f"cannot be read: {reason}")])
