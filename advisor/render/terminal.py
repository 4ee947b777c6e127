"""How things are printed: as wide as the terminal, in colour only on one, and not where NO_COLOR is set."""

from __future__ import annotations

import io
import os
from typing import Final, TextIO

from rich.console import Console, RenderableType

NARROWEST: Final = 24  # below, words would be cut
WIDEST: Final = 120  # beyond, lines are hard to follow


def show(view: RenderableType, stream: TextIO) -> str:
    """Return the view as it is to be written to the stream, each line without spaces at its end."""
    terminal = stream.isatty()
    asked = os.environ.get("COLUMNS", "")
    columns = int(asked[:6]) if asked.isdecimal() else os.get_terminal_size(stream.fileno()).columns if terminal else 80
    console = Console(
        file=io.StringIO(),
        width=min(max(columns, NARROWEST), WIDEST),
        force_terminal=terminal,
        color_system="auto" if terminal and not os.environ.get("NO_COLOR") else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        console.print(view)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
