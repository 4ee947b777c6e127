"""Knowledge and rules to compare: from a folder that holds both, or from a revision of the git repository one is in."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from advisor.diagnostics import AdvisorError, Diagnostic, KnowledgeError, Location, printable, shown
from advisor.model.knowledge import Knowledge
from advisor.source import loader

_PREFIX: Final = "rev:"


def load(named: str) -> Knowledge:
    """Load the knowledge of a folder, or of a revision named `rev:<revision>`.

    Raises KnowledgeError with its faults, AdvisorError where there is no such revision.
    """
    with _folder(named) as folder:
        if not (folder / "knowledge").is_dir() or not (folder / "rules").is_dir():
            raise KnowledgeError(
                [Diagnostic(Location(printable(named)), "no-rule-base", "must hold the folders knowledge and rules")]
            )
        return loader.load(folder / "knowledge", folder / "rules")


@contextmanager
def _folder(named: str) -> Iterator[Path]:
    if not named.startswith(_PREFIX):
        yield Path(named)
        return
    revision = named.removeprefix(_PREFIX)
    with TemporaryDirectory() as folder:
        top = _git("rev-parse", "--show-toplevel").decode().strip()
        # as a commit, so that nothing in the name can be taken for an option or a path
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", of=revision)
        packed = _git("-C", top, "archive", "--format=tar", commit.decode().strip(), "knowledge", "rules", of=revision)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def _git(*arguments: str, of: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError:
        raise AdvisorError("git cannot be run; it is needed for rev:") from None
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()
        said = (
            f"there is no revision {shown(of)} with knowledge and rules here" if of else "git finds no repository here"
        )
        raise AdvisorError(f"{said}{f' ({printable(why[-1])})' if why else ''}")
    return done.stdout
