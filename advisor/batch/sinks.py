"""Where a batch writes: its results, its rejects and its summary, which appear together or not at all.

Each of them is a sink, which is written to, then told to `finish` (everything is on the disk) and to `commit` (it is
visible under its name). `Outputs` does that for all of them.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, Any, Final, Protocol, TextIO

import msgspec

from advisor.batch import encoders
from advisor.batch.encoders import Format
from advisor.batch.reading import Reject
from advisor.diagnostics import AdvisorError, printable, shown
from advisor.files import AtomicFile
from advisor.model.knowledge import Knowledge

ROW_GROUP: Final = 50_000  # rows that are written to a Parquet file at once
GROUP_SIZE: Final = 32 << 20  # and bytes of them, because the columns kept may be long
_FORMATS: Final[dict[str, Format]] = {".csv": "csv", ".parquet": "parquet"}
_NOT_WRITTEN: Final = (
    ".bz2 .db .doc .docx .feather .htm .html .md .ods .parq .pdf .pq .sqlite .tsv .xls .xlsx .xml .xz .yaml .yml .zip "
    ".zst"
).split()


class Destination(msgspec.Struct, frozen=True):
    """What is to be written where."""

    output: str  # a file, or - for standard output
    form: Format
    kept: tuple[str, ...]  # columns of tables that are carried over
    rejects: Path | None  # None is standard error
    always_rejects: bool  # make the file of rejects even if there are none
    summary: Path | None
    all_or_nothing: bool  # even on standard output


class Sink(Protocol):
    """Takes bytes in order. Without a `commit` before its end, a file is as it was before."""

    def __enter__(self) -> Sink: ...

    def __exit__(self, *failure: object) -> None: ...

    def write(self, content: bytes | memoryview, /) -> None:
        """Take the next bytes. Raises AdvisorError if that is not possible."""

    def finish(self) -> None:
        """Make sure that everything is on the disk."""

    def commit(self) -> None:
        """Make it visible under its name."""


class Outputs(AbstractContextManager["Outputs"]):
    """All that a run writes. Without a `commit`, files are as they were before."""

    def __init__(self, destination: Destination, knowledge: Knowledge) -> None:
        """Open the outputs. Raises OutputError if a file cannot be written."""
        self._destination = destination
        self._is_gzip = destination.output.lower().endswith(".gz")
        self._is_empty = True
        with ExitStack() as stack:
            self._results = stack.enter_context(_results(destination, knowledge))
            self._rejects = stack.enter_context(_rejects(destination))
            self._stack = stack.pop_all()
        if destination.form == "csv":
            heading = encoders.heading(knowledge, destination.kept)
            self.write(gzip.compress(heading, mtime=0) if self._is_gzip else heading)

    def __exit__(self, *failure: object) -> None:
        self._stack.close()

    def write(self, results: bytes | memoryview) -> None:
        """Write the next results."""
        self._results.write(results)
        self._is_empty = self._is_empty and not results

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Write the next rejects."""
        for reject in rejects:
            self._rejects.write(msgspec.json.encode(reject) + b"\n")

    def commit(self, summary: msgspec.Struct) -> None:
        """Let everything appear, with this summary if one is wanted."""
        if self._is_gzip and self._is_empty:
            self._results.write(gzip.compress(b"", mtime=0))  # without any member, it is not a gzip file
        sinks = [self._rejects, self._results]
        if self._destination.summary:
            file = self._stack.enter_context(AtomicFile(self._destination.summary))
            file.write(msgspec.json.format(msgspec.json.encode(summary)) + b"\n")
            sinks.insert(1, file)
        for sink in sinks:
            sink.finish()
        for sink in sinks:
            sink.commit()


def format_of(output: str, compact: bool) -> Format:
    """Return the format that the name of an output asks for. Raises AdvisorError if it is not one that we write."""
    path = Path(output)
    if not path.name:
        raise AdvisorError(f"{shown(output)} is no name of a file")
    inner = Path(path.stem) if path.suffix.lower() == ".gz" else path
    ending = inner.suffix.lower()
    if ending in _NOT_WRITTEN or (ending == ".parquet" and inner is not path):
        raise AdvisorError(
            f"{printable(path.name)} names a form that batch does not write; "
            "use .jsonl, .csv (either with .gz behind it, if you like) or .parquet"
        )
    return _FORMATS.get(ending, "compact" if compact else "lines")


def rejects_beside(output: str) -> Path | None:
    """Return where rejects go by default: beside the output, or to standard error (None)."""
    return None if output == "-" else Path(f"{output}.rejects.jsonl")


def _results(destination: Destination, knowledge: Knowledge) -> Sink:
    if destination.form == "parquet":
        return _Parquet(Path(destination.output), knowledge, destination.kept)
    if destination.output == "-":
        return _Standard(sys.stdout, destination.all_or_nothing)
    return AtomicFile(Path(destination.output))


def _rejects(destination: Destination) -> Sink:
    if destination.rejects is None:
        return _StandardError(sys.stderr)
    return _RejectsFile(destination.rejects, destination.always_rejects)


class _Standard(AbstractContextManager["_Standard"]):
    """A standard stream. With `at_once`, everything is held back until the commit."""

    def __init__(self, stream: TextIO, at_once: bool = False) -> None:
        self._stream = stream
        self._held_back: IO[bytes] | None = tempfile.TemporaryFile() if at_once else None  # noqa: SIM115

    def __exit__(self, *failure: object) -> None:
        if self._held_back:
            self._held_back.close()

    def write(self, content: bytes | memoryview) -> None:
        (self._held_back or self._stream.buffer).write(content)

    def finish(self) -> None:
        self._stream.flush()

    def commit(self) -> None:
        if self._held_back:
            self._held_back.seek(0)
            shutil.copyfileobj(self._held_back, self._stream.buffer)
        self._stream.buffer.flush()


class _StandardError(_Standard):
    """Standard error. If its reader has gone, that is a failure: the results may still be wanted, rejects and all."""

    def write(self, content: bytes | memoryview) -> None:
        try:
            super().write(content)
            self._stream.flush()
        except OSError as error:
            message = f"rejected cases cannot be written to standard error ({error.strerror}); use --rejects FILE"
            raise AdvisorError(message) from None


class _RejectsFile(AbstractContextManager["_RejectsFile"]):
    """The file of rejects, made with the first one, or `always`."""

    def __init__(self, path: Path, always: bool) -> None:
        self._path = path
        self._file = AtomicFile(path) if always else None

    def __exit__(self, *failure: object) -> None:
        if self._file:
            self._file.__exit__(*failure)

    def write(self, content: bytes | memoryview) -> None:
        if self._file is None:
            self._file = AtomicFile(self._path)
        self._file.write(content)

    def finish(self) -> None:
        if self._file:
            self._file.finish()

    def commit(self) -> None:
        if self._file:
            self._file.commit()
        else:  # rejects of an earlier run must not stand beside the output of this one
            with contextlib.suppress(OSError):
                Path(os.path.realpath(self._path)).unlink()


class _Parquet(AbstractContextManager["_Parquet"]):
    """A Parquet file. Its bytes are rows as `encoders.Rows` gives them."""

    def __init__(self, path: Path, knowledge: Knowledge, kept: Sequence[str]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise AdvisorError("Parquet needs pyarrow: pip install 'nutrient-advisor[parquet]'") from None
        types = {str: pyarrow.string(), int: pyarrow.int32(), list: pyarrow.list_(pyarrow.string())}
        columns = [(name, types[kind]) for name, kind in encoders.columns(knowledge).items()]
        columns += [(name, pyarrow.string()) for name in kept]
        about = {"knowledge_version": knowledge.version, "knowledge_digest": knowledge.digest}
        about |= {item.id: item.text for item in knowledge.disclaimers}
        self._arrow, self._schema = pyarrow, pyarrow.schema(columns, metadata=about)
        self._rows: list[list[Any]] = []
        self._size = 0  # of the rows, in bytes as they came
        self._file = AtomicFile(path)
        self._writer = pyarrow.parquet.ParquetWriter(self._file.stream, self._schema)

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(Exception):  # the file is thrown away, or finished already
            self._writer.close()
        self._file.__exit__(*failure)

    def write(self, content: bytes | memoryview) -> None:
        if not content:
            return
        self._rows += msgspec.msgpack.decode(content)
        self._size += len(content)
        if len(self._rows) >= ROW_GROUP or self._size > GROUP_SIZE:
            self._write_rows()

    def finish(self) -> None:
        self._write_rows()
        with self._file.errors_explained():
            self._writer.close()
        self._file.finish()

    def commit(self) -> None:
        self._file.commit()

    def _write_rows(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [self._arrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        with self._file.errors_explained():
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._size = [], 0
