"""How much the tests try: a newcomer's run is quick, `pytest --exhaustive` tries all there is to try."""

from __future__ import annotations

EXHAUSTIVE = False  # set by conftest, from the command line, before any test is collected


def rounds(full: int, quick: int) -> int:
    """Return how many random cases to try: `full` with `--exhaustive`, else `quick`."""
    return full if EXHAUSTIVE else quick
