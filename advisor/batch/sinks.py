"""Where the results of a batch go: a file that appears whole, standard output, a Parquet file; and the rejects.

A sink is written to, then told to `finish` (everything is on the disk) and to `appear` (under its name).
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, Final, Protocol, TextIO

import msgspec

from advisor import files
from advisor.batch import encoders
from advisor.diagnostics import AdvisorError, printable, shown
from advisor.model.knowledge import Knowledge

ROW_GROUP: Final = 50_000  # rows that a Parquet file holds together
GROUP_SIZE: Final = 32 << 20  # and bytes, for tables with long columns kept
_FORMS: Final = {".csv": "csv", ".parquet": "parquet"}
_OTHER_FORMS: Final = (
    ".bz2 .db .doc .docx .feather .htm .html .md .ods .parq .pdf .pq .sqlite .tsv .xls .xlsx .xml .xz .yaml .yml .zip "
    ".zst"
).split()


class Sink(Protocol):
    """Takes bytes in order."""

    def write(self, content: bytes | memoryview, /) -> None:
        """Take the next bytes. Raises AdvisorError where that is not possible."""

    def finish(self) -> None:
        """Have everything reach the disk."""

    def appear(self) -> None:
        """Let it be seen under its name."""


def form_of(output: str, compact: bool) -> str:
    """Return the form that the name of an output asks for. Raises AdvisorError for one that cannot be written."""
    path = Path(output)
    if not path.name:
        raise AdvisorError(f"{shown(output)} is no name of a file")
    inner = Path(path.stem) if path.suffix.lower() == ".gz" else path
    ending = inner.suffix.lower()
    if ending in _OTHER_FORMS or (ending == ".parquet" and inner is not path):
        raise AdvisorError(
            f"{printable(path.name)} names a form that batch does not write; "
            "use .jsonl, .csv (either with .gz behind it, if you like) or .parquet"
        )
    return _FORMS.get(ending, "compact" if compact else "lines")


def rejects_beside(output: str) -> Path | None:
    """Return where rejects go if nothing is said: beside the output; None for standard error."""
    if output == "-":
        return None
    return Path(f"{output}.rejects.jsonl")


def output(
    name: str, form: str, knowledge: Knowledge, kept: Sequence[str], at_once: bool
) -> AbstractContextManager[Sink]:
    """Open the output. With `at_once`, standard output too gets everything in the end, or nothing."""
    if form == "parquet":
        return _Parquet(Path(name), knowledge, kept)
    sink: Any = _Standard(sys.stdout, at_once) if name == "-" else files.Whole(Path(name))
    if form == "csv":
        heading = encoders.heading(knowledge, kept)
        sink.write(gzip.compress(heading, mtime=0) if name.lower().endswith(".gz") else heading)
    return sink  # type: ignore[no-any-return]


def rejects(path: Path | None, always: bool) -> AbstractContextManager[Sink]:
    """Open the rejects: a file that is made only if there are any, or in any case; None stands for standard error."""
    return _Rejects(path, always) if path else _Errors(sys.stderr, False)


class _Standard(AbstractContextManager["_Standard"]):
    def __init__(self, stream: TextIO, at_once: bool) -> None:
        self._stream = stream
        self._kept: IO[bytes] | None = tempfile.TemporaryFile() if at_once else None  # noqa: SIM115

    def __exit__(self, *failure: object) -> None:
        if self._kept:
            self._kept.close()

    def write(self, content: bytes | memoryview) -> None:
        (self._kept or self._stream.buffer).write(content)

    def finish(self) -> None:
        self._stream.flush()

    def appear(self) -> None:
        if self._kept:
            self._kept.seek(0)
            shutil.copyfileobj(self._kept, self._stream.buffer)
        self._stream.buffer.flush()


class _Errors(_Standard):
    """Standard error. That nobody reads it is no sign that the results are not wanted either."""

    def write(self, content: bytes | memoryview) -> None:
        try:
            super().write(content)
            self._stream.flush()
        except OSError as error:
            message = f"rejected cases cannot be written to standard error ({error.strerror}); use --rejects FILE"
            raise AdvisorError(message) from None


class _Rejects(AbstractContextManager["_Rejects"]):
    def __init__(self, path: Path, always: bool) -> None:
        self._path = path
        self._file = files.Whole(path) if always else None

    def __exit__(self, *failure: object) -> None:
        if self._file:
            self._file.__exit__(*failure)

    def write(self, content: bytes | memoryview) -> None:
        if self._file is None:
            self._file = files.Whole(self._path)
        self._file.write(content)

    def finish(self) -> None:
        if self._file:
            self._file.finish()

    def appear(self) -> None:
        if self._file:
            self._file.appear()
        else:  # those of an earlier run beside the output of this one would mislead
            with contextlib.suppress(OSError):
                Path(os.path.realpath(self._path)).unlink()


class _Parquet(AbstractContextManager["_Parquet"]):
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
        self._file = files.Whole(path)
        self._writer = pyarrow.parquet.ParquetWriter(self._file.stream, self._schema)

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(Exception):  # it has nothing to say any more
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
        with self._file.explained():
            self._writer.close()
        self._file.finish()

    def appear(self) -> None:
        self._file.appear()

    def _write_rows(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [self._arrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        with self._file.explained():
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._size = [], 0
