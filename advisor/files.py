"""Files that appear whole or not at all, and replace nothing unless that is wanted.

A link is followed, so that what it points to is written; what is not a regular file (a device, a pipe) is refused.
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
    """Return what tells a file (by name or descriptor) from all others; None for what is no regular file.

    Of a file that is not there yet, its name with all links followed.
    """
    try:
        status = os.stat(file)  # noqa: PTH116
    except (OSError, ValueError):
        return None if isinstance(file, int) else _followed(file)
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def check_writable(path: Path) -> None:
    """Find out now whether a file can be written under the name `path`. Raises OutputError where it cannot."""
    target = _followed(path)
    if not target.name:
        raise _unwritable(path, "it is not the name of a file")
    if target.is_dir():
        raise _unwritable(path, "it is a folder")
    if target.exists() and not target.is_file():
        raise _unwritable(path, "it is not a regular file")
    try:
        handle, temporary = _beside(target)
        os.close(handle)
        temporary.unlink()
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def write(path: Path, content: bytes, replace: bool) -> None:
    """Write a file in full under its name, or leave everything as it was.

    Without `replace`, a file that has come to stand there is kept. Raises OutputError where it cannot be written.
    """
    with Whole(path, replace) as whole:
        whole.write(content)
        whole.finish()
        whole.appear()


class Whole:
    """A file that is written bit by bit and appears under its name only when it is complete.

    Until then it stands beside, under another name; leaving the `with` block before it has appeared takes that away. It
    is taken in two steps so that several files can appear together: all of them `finish`, then all `appear`. Whatever
    goes wrong is raised as OutputError.
    """

    def __init__(self, path: Path, replace: bool = True) -> None:
        """Begin a file; without `replace`, one that has come to stand there by the end is kept."""
        self._path, self._replace = path, replace
        self._target = _followed(path)
        with self.explained():
            handle, self._temporary = _beside(self._target)
            self.stream = os.fdopen(handle, "wb")

    def __enter__(self) -> Whole:
        return self

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
        with contextlib.suppress(OSError):  # it is there only where it has not appeared
            self._temporary.unlink()

    def write(self, content: bytes | memoryview) -> None:
        """Write the next bit."""
        with self.explained():
            self.stream.write(content)

    def finish(self) -> None:
        """Have everything reach the disk."""
        with self.explained():
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()

    def appear(self) -> None:
        """Give the finished file its name."""
        with self.explained():
            if self._replace:
                with contextlib.suppress(OSError):  # the file may be gone, or its mode not ours to give
                    self._temporary.chmod(self._target.stat().st_mode & 0o777)
                self._temporary.replace(self._target)
            else:
                _take_free_name(self._temporary, self._target)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the operating system says of this file into a OutputError."""
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


def _beside(target: Path) -> tuple[int, Path]:
    """Create a temporary file in the folder of `target`, with the mode that new files have."""
    temporary = target.parent / f".{target.name[:40]}.{secrets.token_hex(6)}"
    return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), temporary


def _take_free_name(temporary: Path, target: Path) -> None:
    """Give a file its name. Raises FileExistsError where the name is taken."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # the file system knows no links: claim the name first, then take it over
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        temporary.replace(target)


def _unwritable(path: Path, reason: str | None) -> OutputError:
    return OutputError([Diagnostic(Location(printable(str(path))), "unwritable", f"cannot be written: {reason}")])
