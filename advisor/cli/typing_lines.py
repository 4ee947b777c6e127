"""A front end that reads whole lines and moves no cursor: the same for a pipe, a plain terminal and a screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TextIO, TypeVar

from rich.console import RenderableType
from rich.text import Text

from advisor.cli.front_end import BackError, InputEndedError, Prompt, StoppedError
from advisor.diagnostics import printable
from advisor.render.prompts import asked
from advisor.render.terminal import show

_T = TypeVar("_T")

_YES: Final = ("y", "yes", "true")
_NO: Final = ("n", "no", "false")
_NONE: Final = ("0", "none", "none of these", *_NO)
_UNKNOWN: Final = ("", "unknown", "d", "don't know", "dont know")
_RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|to)\s*(\d+)")
_LONGEST: Final = 200  # of a line that can be an answer


class TypedLines:
    """Questions are printed on `target`, answers read from `source`, one line each."""

    keys = "At any question: Enter means don't know, ? says what is meant, w says why we ask, b goes back, q stops."

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self._source = source
        self._target = target

    def say(self, view: RenderableType) -> None:
        """Print something."""
        self._write(show(view, self._target))

    def decide(self, prompt: Prompt, *, unknown: bool) -> bool | None:
        """Have y or n typed; where `unknown`, just Enter as well."""

        def understood(line: str) -> tuple[bool | None] | None:
            if unknown and line in _UNKNOWN:
                return (None,)
            return (line in _YES,) if line in (*_YES, *_NO) else None

        otherwise = _not_understood("y or n") if unknown else "Please answer y or n; b goes back, q stops."
        return self._answer(prompt, (), "y or n", understood, otherwise)

    def number(self, prompt: Prompt, low: int, high: int) -> int | None:
        """Have a number typed, or just Enter."""

        def understood(line: str) -> tuple[int | None] | None:
            if line in _UNKNOWN:
                return (None,)
            number = _number(line, low, high)
            return None if number is None else (number,)

        wanted = f"a number from {low} to {high}"
        return self._answer(prompt, (), wanted, understood, _not_understood(wanted))

    def several(self, prompt: Prompt, options: Sequence[str]) -> list[int] | None:
        """Have the numbers of options typed, 0 for none of them, or just Enter."""

        def understood(line: str) -> tuple[list[int] | None] | None:
            if line in _UNKNOWN:
                return (None,)
            numbers = [] if line in _NONE else _numbers(line, len(options))
            return None if numbers is None else (numbers,)

        hint = _not_understood("numbers, such as 1 3, or 0 for none")
        return self._answer(prompt, options, "numbers (0: none)", understood, hint, "Type numbers, such as 1 3.")

    def one(self, prompt: Prompt, options: Sequence[str], *, chosen: str, otherwise: str) -> int | None:
        """Have the number of an option typed, or just Enter."""

        def understood(line: str) -> tuple[int | None] | None:
            if not line:
                return (None,)
            number = _number(line, 1, len(options))
            return None if number is None else (number - 1,)

        offered = f"Type a number to {chosen}, or just press Enter to {otherwise}."
        hint = f"Please type a number from 1 to {len(options)}, b, q, or just Enter."
        return self._answer(prompt, options, "Enter or a number", understood, hint, offered)

    def _answer(
        self,
        prompt: Prompt,
        options: Sequence[str],
        wanted: str,
        understood: Callable[[str], tuple[_T] | None],
        hint: str,
        offered: str = "",
    ) -> _T:
        """Show a question and read lines until one is `understood`: in a tuple, because an answer may be None."""
        self.say(asked(prompt.text, prompt.beside, options, f"{prompt.note} {offered}".strip()))
        while True:
            line = self._read(f"{wanted}: ").lower()
            if line == "b":
                raise BackError
            if line == "q":
                raise StoppedError
            if line == "?" and prompt.help:
                self.say(prompt.help(None))
                self.say(Text(self.keys, style="dim"))
            elif line == "w" and prompt.why:
                self.say(prompt.why())
            else:
                answer = understood(line) if len(line) <= _LONGEST else None
                if answer is not None:
                    return answer[0]
                self.say(Text(hint))

    def _read(self, wanted: str) -> str:
        self._write(wanted)
        line = self._source.readline()
        if not line:
            self._write("\n")
            raise InputEndedError
        line = line.lstrip("\ufeff").strip()
        if not self._source.isatty():  # nothing else shows what was answered
            self._write(f"{printable(line[:_LONGEST])}\n")
        return line

    def _write(self, text: str) -> None:
        self._target.write(text)
        self._target.flush()


def _not_understood(wanted: str) -> str:
    return f"That was not understood. Please type {wanted}, or just Enter."


def _numbers(line: str, most: int) -> list[int] | None:
    """Return the options that a line names, from 0: `1 3`, `1, 3`, `1-3`, `1 and 3`; None where it is no such list."""
    chosen: set[int] = set()
    plain = _RANGE.sub(r"\1-\2", line.replace(" and ", " ")).rstrip(".")
    for part in re.split(r"[\s,;]+", plain.strip(" ,;")):
        first, _, last = part.partition("-")
        ends = [_number(end, 1, most) for end in (first, last or first)]
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            return None
        chosen.update(range(ends[0] - 1, ends[1]))
    return sorted(chosen)


def _number(text: str, low: int, high: int) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    return number if number is not None and low <= number <= high else None
