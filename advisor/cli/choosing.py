"""A front end for a terminal that can move its cursor: lists are moved in with arrow keys and chosen from with space.

What is drawn for a question disappears when it is answered; the question and the answer stay. The terminal's own cursor
stands on the row that a key acts on, which is how a braille display or a magnifier knows where to look. Nothing is told
by colour.

prompt_toolkit reads the keys and draws. It is imported with this module alone, which is imported only to be used.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TextIO, TypeVar

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import HSplit, Layout, ScrollOffsets, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output.vt100 import Vt100_Output
from rich.console import Group, RenderableType
from rich.text import Text

from advisor.cli.front_end import BackError, InputEndedError, Prompt, StoppedError
from advisor.cli.menus import NONE, UNKNOWN, AnyOf, Digits, Menu, OneOf
from advisor.render import phrases
from advisor.render.prompts import answered, heading, row
from advisor.render.terminal import show

_T = TypeVar("_T")
Handler = Callable[[KeyPressEvent], object]

# What prompt_toolkit calls a key, where that is not our name for it. Enter that is pressed between two questions, while
# the terminal reads lines, comes as a line feed.
_KEYS: Final = {"space": [" "], "enter": ["enter", "c-j"]}


class ArrowKeys:
    """Questions are drawn on `target`, a terminal; keys are read from `source`, the same one."""

    keys = "Move with the arrow keys, choose with space or Enter. The keys for each question stand below it."

    def __init__(self, source: TextIO, target: TextIO) -> None:
        def size() -> Size:
            columns, rows = os.get_terminal_size(target.fileno())
            return Size(rows=rows or 24, columns=columns or 80)

        self._target = target
        self._input = create_input(source)
        # the terminal is not asked where its cursor stands: some never answer, and nothing here needs to know
        self._output = Vt100_Output(target, size, term=os.environ.get("TERM"), enable_cpr=False)

    def say(self, view: RenderableType) -> None:
        """Print something; it stays."""
        self._target.write(show(view, self._target))
        self._target.flush()

    def decide(self, prompt: Prompt, *, unknown: bool) -> bool | None:
        """Have yes or no chosen. The cursor begins on the answer that changes nothing: don't know, or else no."""
        answers: list[tuple[str, bool | None]] = [("Yes", True), ("No", False)]
        answers += [(UNKNOWN, None)] if unknown else []
        answer = self._ask(prompt, OneOf(answers, len(answers) - 1, "ynd"[: len(answers)]))
        self._keep(prompt, next(label for label, meant in answers if meant is answer))
        return answer

    def number(self, prompt: Prompt, low: int, high: int) -> int | None:
        """Have a number typed."""
        number = self._ask(prompt, Digits(low, high))
        self._keep(prompt, UNKNOWN if number is None else str(number))
        return number

    def several(self, prompt: Prompt, options: Sequence[str]) -> list[int] | None:
        """Have any of the options ticked, or a row that says none of them or don't know."""
        numbers = self._ask(prompt, AnyOf(options))
        self._keep(prompt, *([UNKNOWN] if numbers is None else [options[n] for n in numbers] or [NONE]))
        return numbers

    def one(self, prompt: Prompt, options: Sequence[str], *, chosen: str, otherwise: str) -> int | None:
        """Have one option chosen, or the row before them that says what happens otherwise."""
        rows: list[tuple[str, int | None]] = [(phrases.capital(otherwise), None)]
        rows += [(label, number) for number, label in enumerate(options)]
        note = f"{prompt.note} Choose a line to {chosen}.".strip()
        return self._ask(Prompt(prompt.text, prompt.beside, note, prompt.help, prompt.why), OneOf(rows, 0))

    def _keep(self, prompt: Prompt, *answers: str) -> None:
        """Print a question with its answer, in place of what was drawn."""
        self.say(answered(prompt.text, answers))

    def _ask(self, prompt: Prompt, menu: Menu[_T]) -> _T:
        """Draw a menu under its question until a key answers it."""
        application: Application[_T] = Application(
            layout=self._layout(prompt, menu),
            key_bindings=self._bindings(prompt, menu),
            include_default_pygments_style=False,
            erase_when_done=True,
            input=self._input,
            output=self._output,
        )
        try:
            return application.run(handle_sigint=False)  # what SIGINT means was settled before
        except EOFError:  # there is no terminal any more
            raise InputEndedError from None

    def _layout(self, prompt: Prompt, menu: Menu[_T]) -> Layout:
        """Return the question, the rows of the menu, and what the keys do. Only the rows scroll on a small terminal."""

        def above() -> StyleAndTextTuples:
            return self._drawn(
                Text(), heading(prompt.text, prompt.beside), *([Text(prompt.note)] if prompt.note else [])
            )

        def rows() -> StyleAndTextTuples:
            drawn: StyleAndTextTuples = []
            for number, (mark, label) in enumerate(menu.rows()):
                drawn += [("", "\n")] if number else []
                drawn += [("[SetCursorPosition]", "")] if number == menu.at else []
                drawn += self._drawn(row(mark, label))
            return drawn

        def below() -> StyleAndTextTuples:
            others = [*(["? meaning"] if prompt.help else []), *(["w why"] if prompt.why else []), "b back, q stop"]
            legend = Text(", ".join([menu.legend, *others]), style="dim")
            return self._drawn(*([Text(menu.hint, style="bold")] if menu.hint else []), legend)

        scrolling = Window(
            FormattedTextControl(rows, focusable=True),
            height=Dimension(min=1),
            wrap_lines=True,
            dont_extend_height=True,
            scroll_offsets=ScrollOffsets(top=1, bottom=2),
        )
        first, last = (
            Window(FormattedTextControl(text), wrap_lines=True, dont_extend_height=True) for text in (above, below)
        )
        return Layout(HSplit([first, scrolling, last]), focused_element=scrolling)

    def _drawn(self, *views: RenderableType) -> StyleAndTextTuples:
        return to_formatted_text(ANSI(show(Group(*views), self._target).removesuffix("\n")))

    def _bindings(self, prompt: Prompt, menu: Menu[_T]) -> KeyBindings:
        bindings = KeyBindings()

        def bind(names: Iterable[str], handler: Handler) -> None:
            for name in names:
                for key in _KEYS.get(name, [name]):
                    bindings.add(key)(handler)

        def pressing(press: Callable[[], tuple[_T] | None]) -> Handler:
            def pressed(event: KeyPressEvent) -> None:
                answer = press()
                if answer is not None:
                    event.app.exit(result=answer[0])

            return pressed

        def leaving(how: type[BaseException]) -> Handler:
            return lambda event: event.app.exit(exception=how())

        def showing(view: Callable[[], RenderableType]) -> Handler:
            return lambda event: run_in_terminal(lambda: self.say(Group(Text(), view())))

        for name, press in menu.keys().items():
            bind([name, name.upper()] if len(name) == 1 and name.isalpha() else [name], pressing(press))
        meant, why = prompt.help, prompt.why
        if meant:
            bind("?", showing(lambda: meant(menu.option)))
        if why:
            bind("wW", showing(why))
        bind("bB", leaving(BackError))
        bind("qQ", leaving(StoppedError))
        bind(["c-c"], leaving(KeyboardInterrupt))
        bind(["c-d"], leaving(InputEndedError))
        # while keys are read one by one, the terminal makes no signals of these two
        bind(["c-\\"], lambda event: signal.raise_signal(signal.SIGQUIT))
        bind(["c-z"], lambda event: event.app.suspend_to_background())
        return bindings
