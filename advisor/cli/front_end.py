"""What the conversation needs of a front end: to say something, and to have something decided, chosen or numbered.

There are two. `typing_lines` reads whole lines, and so works over a pipe, on any terminal and for a screen reader;
`choosing` draws lists on a terminal that can. Neither knows what is asked or why: both get texts, and return which of
them were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from rich.console import RenderableType


class StoppedError(Exception):
    """The person does not want to go on."""


class InputEndedError(Exception):
    """There is nothing more to read."""


class BackError(Exception):
    """The person wants to see the question before."""


class Prompt(msgspec.Struct, frozen=True):
    """A question, and what can be said about it."""

    text: str
    beside: str = ""  # said more quietly, after it
    note: str = ""  # how an answer is understood
    # what the words mean: those of the option with this number, from 0, or of all
    help: Callable[[int | None], RenderableType] | None = None
    why: Callable[[], RenderableType] | None = None  # why it is asked


class FrontEnd(Protocol):
    """Every method that asks raises BackError, StoppedError or InputEndedError where that is the answer."""

    @property
    def keys(self) -> str:
        """How to answer, in a sentence or two for a person who begins."""

    def say(self, view: RenderableType) -> None:
        """Show something."""

    def decide(self, prompt: Prompt, *, unknown: bool) -> bool | None:
        """Have a question answered by yes or no; by don't know (None) only where that is allowed."""

    def number(self, prompt: Prompt, low: int, high: int) -> int | None:
        """Have a whole number given; None for don't know."""

    def several(self, prompt: Prompt, options: Sequence[str]) -> list[int] | None:
        """Have any of the options chosen, or none; return their numbers from 0, or None for don't know."""

    def one(self, prompt: Prompt, options: Sequence[str], *, chosen: str, otherwise: str) -> int | None:
        """Have one option chosen, or none; return its number from 0, or None.

        `chosen` and `otherwise` say what happens then: "change that answer", "show the result".
        """
