"""What a person sees of a batch: the progress, if this is a terminal, and the summary in the end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TextIO

from advisor.diagnostics import printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from advisor.batch.run import Summary

_EVERY: Final = 0.2  # seconds between two updates
_LISTED: Final = 5  # how many items of a long list are shown


class Meter(AbstractContextManager["Meter"]):
    """A line with the number of cases, the rate and, if the size of the input is known, the time left."""

    def __init__(self, stream: TextIO) -> None:
        self._bar: Progress | None = None
        if stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            # Refreshed by hand: workers are forked, and a thread must not hold a lock at that moment
            self._bar = Progress(
                BarColumn(bar_width=20),
                TextColumn("{task.fields[cases]:,} cases, {task.fields[rate]:,.0f} a second, time left"),
                TimeRemainingColumn(),
                console=Console(file=stream, markup=False),
                auto_refresh=False,
                transient=True,
            )
            self._task = self._bar.add_task("", total=None, cases=0, rate=0.0)
            self._bar.start()
        self._started = self._next = time.monotonic()

    def __exit__(self, *failure: object) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, cases: int, done: int, size: int) -> None:
        """Show how many cases there have been, and how many bytes of `size` in all (0: not known)."""
        now = time.monotonic()
        if self._bar and now >= self._next:
            self._next = now + _EVERY
            rate = cases / max(now - self._started, 1e-3)
            self._bar.update(self._task, completed=done, total=size or None, cases=cases, rate=rate)
            self._bar.refresh()


def summary(result: Summary) -> str:
    """Return the summary as lines of text."""
    lines = [
        f"{result.cases:,} cases: {result.advised:,} advised, {result.rejected:,} rejected "
        f"({result.seconds:.1f} s, {result.cases_per_second:,.0f} a second)",
        f"Care: {_counts(result.care)}",
        f"Nutrients: {_counts(result.nutrients)}",
    ]
    if result.repeated_names is None:
        lines.append("Whether several cases have the same name could not be told: no room for temporary files")
    elif result.repeated_names:
        listed = (f"{name.name!r} ({name.times:,} times, first at {name.first})" for name in result.repeated)
        lines.append(_listing("Several cases have the same name", result.repeated_names, listed))
    if result.skipped:
        lines.append(_listing("Skipped, as no symptom file or batch file", len(result.skipped), result.skipped))
    if result.kept_columns:
        columns = ", ".join(map(repr, result.kept_columns))
        lines.append(f"Columns kept, and not read as findings: {columns}")
    if result.rejected:
        lines.append(_listing("Rejected", result.rejected, result.first_rejected))
        lines.append(f"All rejected cases, with the reasons, are in {printable(result.rejects)}")
    return "\n".join(lines)


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _listing(what: str, total: int, items: Iterable[str]) -> str:
    """Return a heading with the total number of items, and the first of them on lines of their own."""
    listed = [f"  {line}" for item in islice(items, _LISTED) for line in item.splitlines()[:1]]
    more = [f"  ... and {total - len(listed):,} more"] if total > len(listed) else []
    return "\n".join([f"{what} ({total:,}):", *listed, *more])
