"""Files that appear whole or not at all, and replace nothing unless that is wanted."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from advisor.problems import DocumentError, Problem, printable


def check_writable(path: Path) -> None:
    """Find out now whether a file can be created in the folder of `path`. Raises DocumentError where it cannot."""
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}."):
            pass
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def write(path: Path, content: bytes, replace: bool) -> None:
    """Write a file in full under its name, or leave everything as it was.

    Without `replace`, a file that has come to stand there is kept. Raises DocumentError where it cannot be written.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            temporary.replace(path)
            temporary = None
        else:
            path.hardlink_to(temporary)  # fails where there is a file already
    except FileExistsError:
        raise _unwritable(path, "a file has come to stand there meanwhile, and is kept") from None
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _unwritable(path: Path, reason: str | None) -> DocumentError:
    return DocumentError([Problem(printable(str(path)), 0, f"cannot be written: {reason}")])
