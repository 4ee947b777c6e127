"""Files that are written completely or not at all, and that replace an existing file only if asked to.

Links are followed: the file that a link points to is the one that is written. Whatever exists and is not a regular file
(a device, a pipe, a folder) is refused.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from advisor.diagnostics import Diagnostic, Location, OutputError, printable


def identity(file: Path | int) -> object:
    """Return a value that two names or descriptors share if they mean the same file; None if it is not a regular file.

    For a file that does not exist yet, this is its name with all links followed.
    """
    try:
        status = os.stat(file)  # noqa: PTH116
    except (OSError, ValueError):
        return None if isinstance(file, int) else _followed(file)
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def check_writable(path: Path) -> None:
    """Raise OutputError if a file cannot be written under the name `path`, so that nobody learns it only at the end."""
    target = _followed(path)
    if not target.name:
        raise _unwritable(path, "it is not the name of a file")
    if target.is_dir():
        raise _unwritable(path, "it is a folder")
    if target.exists() and not target.is_file():
        raise _unwritable(path, "it is not a regular file")
    try:
        handle, temporary = _temporary_beside(target)
        os.close(handle)
        temporary.unlink()
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def write(path: Path, content: bytes, replace: bool) -> None:
    """Write a file completely, or leave everything as it was.

    Without `replace`, an existing file is kept, even one that was created in the meantime. Raises OutputError if the
    file cannot be written.
    """
    with AtomicFile(path, replace) as file:
        file.write(content)
        file.finish()
        file.commit()


class AtomicFile:
    """A file that is written piece by piece and gets its name only when it is complete.

    Until `commit`, the content is in a temporary file in the same folder, which is removed when the `with` block ends
    without a commit. There are two steps, `finish` (everything is on the disk) and `commit` (it has its name), so that
    several files can appear together: a full disk shows in the first step, when none of them has appeared yet. Every
    failure is raised as OutputError.
    """

    def __init__(self, path: Path, replace: bool = True) -> None:
        """Start a file; without `replace`, an existing file is kept, even one that was created in the meantime."""
        self._path, self._replace = path, replace
        self._target = _followed(path)
        with self.errors_explained():
            handle, self._temporary = _temporary_beside(self._target)
            self.stream = os.fdopen(handle, "wb")

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
        with contextlib.suppress(OSError):  # after a commit there is no temporary file
            self._temporary.unlink()

    def write(self, content: bytes | memoryview) -> None:
        """Write the next piece."""
        with self.errors_explained():
            self.stream.write(content)

    def finish(self) -> None:
        """Make sure that everything is on the disk."""
        with self.errors_explained():
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()

    def commit(self) -> None:
        """Give the finished file its name."""
        with self.errors_explained():
            if self._replace:
                with contextlib.suppress(OSError):  # there may be no file to replace, or its mode is not ours to copy
                    self._temporary.chmod(self._target.stat().st_mode & 0o777)
                self._temporary.replace(self._target)
            else:
                _take_free_name(self._temporary, self._target)

    @contextlib.contextmanager
    def errors_explained(self) -> Iterator[None]:
        """Turn an error of the operating system about this file into an OutputError."""
        try:
            yield
        except FileExistsError:
            raise _unwritable(self._path, "a file has come to stand there meanwhile, and is kept") from None
        except OSError as error:
            untouched = "; what was there is untouched" if self._target.is_file() else ""
            raise _unwritable(self._path, f"{error.strerror}{untouched}") from None


def _followed(path: Path) -> Path:
    """Return the path with all links followed, as far as they lead anywhere."""
    return Path(os.path.realpath(path))


def _temporary_beside(target: Path) -> tuple[int, Path]:
    """Create a temporary file in the folder of `target`, with the mode that new files have."""
    temporary = target.parent / f".{target.name[:40]}.{secrets.token_hex(6)}"
    return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), temporary


def _take_free_name(temporary: Path, target: Path) -> None:
    """Rename a file, but never over another one. Raises FileExistsError if the name is taken."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # this file system has no hard links: claim the name with an empty file, then replace that
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        temporary.replace(target)


def _unwritable(path: Path, reason: str | None) -> OutputError:
    return OutputError([Diagnostic(Location(printable(str(path))), "unwritable", f"cannot be written: {reason}")])
