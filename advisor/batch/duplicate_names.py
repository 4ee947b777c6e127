"""Names that more than one case has. They are kept on disk, so that memory does not grow with the number of cases."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Final

import msgspec

MOST_LISTED: Final = 1_000


class DuplicateName(msgspec.Struct, frozen=True):
    """A name that several cases have."""

    name: str = msgspec.field(name="case")
    times: int
    first: str  # where the first of these cases stands


class DuplicateNames:
    """Collects the names of cases with the places where they stand, and tells which are there more than once.

    If there is not enough room for temporary files, it gives up, and nothing else fails: `usable` is then false.
    """

    def __init__(self) -> None:
        self.usable = True
        # With an empty name, SQLite makes a file of its own in the temporary folder and removes it in the end
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE names (name TEXT, file TEXT, place TEXT)")
        self._database.execute("BEGIN")

    def add(self, file: str, names: bytes) -> None:
        """Add names: a JSON object whose keys are lines of `file`, or files if `file` is empty."""
        try:
            if self.usable:
                # All in one statement, which is more than twice as fast as one statement a row
                query = "INSERT INTO names SELECT value, ?, key FROM json_each(?)"
                self._database.execute(query, (file, names.decode()))
        except sqlite3.Error:
            self.usable = False

    def found(self) -> tuple[int, tuple[DuplicateName, ...]]:
        """Return how many names several cases have, and the first of these names (at most `MOST_LISTED`) in order."""
        try:
            return self._found() if self.usable else (0, ())
        except sqlite3.Error:
            self.usable = False
            return 0, ()

    def close(self) -> None:
        """Give the disk space back."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def _found(self) -> tuple[int, tuple[DuplicateName, ...]]:
        self._database.execute(
            "CREATE TEMP TABLE repeated AS SELECT name, count(*) AS times, min(rowid) AS first FROM names "
            "GROUP BY name HAVING count(*) > 1"
        )
        (total,) = self._database.execute("SELECT count(*) FROM repeated").fetchone()
        listed = self._database.execute(
            "SELECT repeated.name, times, file, place FROM repeated JOIN names ON names.rowid = first "
            "ORDER BY first LIMIT ?",
            (MOST_LISTED,),
        )
        return total, tuple(
            DuplicateName(name, times, f"{file}:{place}" if file else place) for name, times, file, place in listed
        )
