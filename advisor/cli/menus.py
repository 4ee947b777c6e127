"""What a front end that draws lists shows for one question, and what each key does; no terminal is needed for that.

A menu has rows, one of which a key acts on, and keys by name (`up`, `space`, `enter`, letters). A key either changes
the menu or answers the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

# What a key does; where that answers the question, the answer is returned, in a tuple because it may be None
Press: TypeAlias = Callable[[], tuple[_T] | None]

NONE: Final = "None of these"
UNKNOWN: Final = "Don't know"


class Menu(Protocol[_T_co]):
    """One question being answered."""

    @property
    def legend(self) -> str:
        """What the keys do, in a line."""

    @property
    def hint(self) -> str:
        """Why the last key did nothing; empty where it did something."""

    @property
    def at(self) -> int:
        """The row that a key acts on."""

    @property
    def option(self) -> int | None:
        """The option that this row stands for, from 0; None where it stands for none."""

    def rows(self) -> list[tuple[str, str]]:
        """Return what is shown: a mark and a label for each row."""

    def keys(self) -> Mapping[str, Press[_T_co]]:
        """Return what each key does."""


class _Rows:
    """Rows that can be moved among; after the last comes the first."""

    def __init__(self, labels: Sequence[str], at: int = 0) -> None:
        self._labels = tuple(labels)
        self.at = at
        self.hint = ""

    def _moves(self) -> dict[str, Callable[[], None]]:
        last = len(self._labels) - 1
        return {
            "up": lambda: self._move(self.at - 1),
            "down": lambda: self._move(self.at + 1),
            "home": lambda: self._move(0),
            "end": lambda: self._move(last),
        }

    def _move(self, to: int) -> None:
        self.hint = ""
        self.at = to % len(self._labels)

    def _mark(self, row: int) -> str:
        return ">" if row == self.at else " "


class OneOf(_Rows, Generic[_T]):
    """Rows of which one is chosen; `letters` choose a row from wherever the cursor stands."""

    legend = "arrows move, Enter chooses"

    def __init__(self, rows: Sequence[tuple[str, _T]], at: int, letters: str = "") -> None:
        super().__init__([label for label, _ in rows], at)
        self._answers = [answer for _, answer in rows]
        self._letters = letters

    @property
    def option(self) -> int | None:
        """No row is one of the options of the question."""
        return None

    def rows(self) -> list[tuple[str, str]]:
        """Return the labels, the current one marked."""
        return [(self._mark(row), label) for row, label in enumerate(self._labels)]

    def keys(self) -> Mapping[str, Press[_T]]:
        """Return the moves, the two keys that choose the current row, and the letters."""

        def choose(row: int) -> Press[_T]:
            return lambda: (self._answers[row],)

        def current() -> tuple[_T]:
            return (self._answers[self.at],)

        letters = {letter: choose(row) for row, letter in enumerate(self._letters)}
        return {**self._moves(), "space": current, "enter": current, **letters}


class AnyOf(_Rows):
    """Options that can be ticked, and two rows more that say none of them and don't know.

    Enter answers nothing before something is ticked: someone who moves to an option and presses Enter is told how to
    tick it. Otherwise that would be a no to every one of them.
    """

    legend = "arrows move, space ticks, Enter goes on, d don't know"

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__([*options, NONE, UNKNOWN])
        self._options = len(options)
        self._ticked: set[int] = set()

    @property
    def option(self) -> int | None:
        """The option in the current row."""
        return self.at if self.at < self._options else None

    def rows(self) -> list[tuple[str, str]]:
        """Return the labels, with what is ticked."""
        return [
            (f"{self._mark(row)} [{'x' if row in self._ticked else ' '}]", label)
            for row, label in enumerate(self._labels)
        ]

    def keys(self) -> Mapping[str, Press[list[int] | None]]:
        """Return the moves, and the keys that tick, go on, and say don't know."""
        return {**self._moves(), "space": self._tick, "enter": self._go_on, "d": lambda: (None,)}

    def _tick(self) -> None:
        self.hint = ""
        if self.at in self._ticked:
            self._ticked.remove(self.at)
        elif self.at < self._options:
            self._ticked = {row for row in self._ticked if row < self._options} | {self.at}
        else:
            self._ticked = {self.at}  # none and don't know go with nothing else

    def _go_on(self) -> tuple[list[int] | None] | None:
        if not self._ticked and self.at >= self._options:
            self._ticked = {self.at}
        if not self._ticked:
            self.hint = f"Nothing is ticked yet. Press space to tick a line. If none applies, go down to “{NONE}”."
            return None
        if self._options + 1 in self._ticked:
            return (None,)
        return (sorted(row for row in self._ticked if row < self._options),)


class Digits:
    """A number that is typed."""

    legend = "type a number, Enter goes on, d don't know"

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high
        self._typed = ""
        self.at = 0
        self.option = None
        self.hint = ""

    def rows(self) -> list[tuple[str, str]]:
        """Return what was typed."""
        return [(">", self._typed)]

    def keys(self) -> Mapping[str, Press[int | None]]:
        """Return the digits, and the keys that take one back, go on, and say don't know."""

        def typing(digit: str) -> Press[int | None]:
            return lambda: self._type(self._typed + digit)

        return {
            **{digit: typing(digit) for digit in "0123456789"},
            "backspace": lambda: self._type(self._typed[:-1]),
            "enter": self._go_on,
            "d": lambda: (None,),
        }

    def _type(self, text: str) -> None:
        self.hint = ""
        self._typed = text[: len(str(self._high))]

    def _go_on(self) -> tuple[int | None] | None:
        if self._typed and self._low <= int(self._typed) <= self._high:
            return (int(self._typed),)
        self.hint = f"Please type a number from {self._low} to {self._high}, or d for don't know."
        return None
