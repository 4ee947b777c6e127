"""What a signal that ends the program means: an orderly end, so that files are kept or taken away on the way out."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Final

_ENDINGS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)  # closed terminal, shutdown, Ctrl-\\


def end_cleanly() -> None:
    """Have those signals raise SystemExit with 128 and their number, as shells count it; not those that are ignored."""
    for number in _ENDINGS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)  # once is enough
    sys.exit(128 + number)
