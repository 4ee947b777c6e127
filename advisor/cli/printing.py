"""What every command uses to write its results: text for a terminal, bytes for everything else."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from rich.console import RenderableType


def complain(message: str) -> None:
    """Write a line to standard error, if anybody is there to read it."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True)


def print_view(view: RenderableType) -> None:
    """Write a view to standard output, as wide as the terminal is."""
    from advisor.render.terminal import show

    sys.stdout.write(show(view, sys.stdout))
    sys.stdout.flush()


def print_form(text: str, form: str) -> None:
    """Write what was made in a form: text in the encoding of the terminal, everything else in UTF-8."""
    if form == "text":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _print_bytes(text.rstrip("\n").encode())


def print_json(value: object) -> None:
    """Write a value as JSON, indented."""
    _print_bytes(msgspec.json.format(msgspec.json.encode(value)))


def _print_bytes(content: bytes) -> None:
    """Write UTF-8 and a newline to standard output, whatever its encoding: JSON is bytes, not text."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content + b"\n")
    sys.stdout.buffer.flush()


def today() -> date:
    """Return the day that pages are dated with; where SOURCE_DATE_EPOCH is set, that one, so that they can be compared.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed[:10]), UTC).date() if fixed.isdecimal() else date.today()  # noqa: DTZ011
