"""Names that more than one case has. Kept on disk, so that memory does not grow with the number of cases."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Final

import msgspec

MOST_LISTED: Final = 1_000


class Repeated(msgspec.Struct, frozen=True):
    """A name that several cases have."""

    case: str
    times: int
    first: str  # where the first of them stands


class Names:
    """Collects the names of cases and where they stand.

    Where the temporary disk space does not suffice it gives up, and nothing else fails; `usable` tells.
    """

    def __init__(self) -> None:
        self.usable = True
        # an empty name: a file of SQLite's own in the temporary folder, gone when it is closed
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE names (name TEXT, file TEXT, place TEXT)")
        self._database.execute("BEGIN")

    def add(self, file: str, names: bytes) -> None:
        """Note names of cases: a JSON object from lines of the file, or from files where `file` is empty, to names."""
        try:
            if self.usable:
                query = "INSERT INTO names SELECT value, ?, key FROM json_each(?)"  # in one go: far faster than by rows
                self._database.execute(query, (file, names.decode()))
        except sqlite3.Error:
            self.usable = False

    def repeated(self) -> tuple[int, tuple[Repeated, ...]]:
        """Return how many names several cases have, and the first of them (at most `MOST_LISTED`), in input order."""
        try:
            return self._repeated() if self.usable else (0, ())
        except sqlite3.Error:
            self.usable = False
            return 0, ()

    def close(self) -> None:
        """Give the disk space back."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def _repeated(self) -> tuple[int, tuple[Repeated, ...]]:
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
        return total, tuple(Repeated(name, n, f"{file}:{place}" if file else place) for name, n, file, place in listed)
