"""Files that appear whole or not at all, and replace nothing unless that is wanted.

A link is followed, so that what it points to is written; what is not a regular file (a device, a pipe) is refused.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from advisor.problems import DocumentError, Problem, printable


def check_writable(path: Path) -> None:
    """Find out now whether a file can be written under the name `path`. Raises DocumentError where it cannot."""
    target = path.resolve()
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

    Without `replace`, a file that has come to stand there is kept. Raises DocumentError where it cannot be written.
    """
    target = path.resolve()
    temporary: Path | None = None
    try:
        handle, temporary = _beside(target)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            with contextlib.suppress(OSError):  # the file may be gone, or its mode not ours to give
                temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        else:
            _take_free_name(temporary, target)
    except FileExistsError:
        raise _unwritable(path, "a file has come to stand there meanwhile, and is kept") from None
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


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


def _unwritable(path: Path, reason: str | None) -> DocumentError:
    return DocumentError([Problem(printable(str(path)), 0, f"cannot be written: {reason}")])
