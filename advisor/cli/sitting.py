"""One sitting at the questionnaire, from its first question to the advice, with the answers kept however it ends.

Between the command line and the conversation: which files are read and replaced, and what a signal means.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec
import yaml

from advisor import Advisor, Evaluation, files
from advisor.cli import signals
from advisor.cli.conversation import Conversation
from advisor.cli.front_end import FrontEnd, InputEndedError, StoppedError
from advisor.cli.typing_lines import TypedLines
from advisor.diagnostics import AdvisorError, OutputError, printable
from advisor.reasoning.interview import Given, Interview
from advisor.source import symptom_file


class Outcome(msgspec.Struct, frozen=True):
    """How a sitting ended: with an evaluation, or None if the person stopped; and why answers were not kept, if so."""

    evaluation: Evaluation | None
    unsaved: OutputError | None = None


def hold(
    app: Advisor,
    source: TextIO,
    target: TextIO,
    *,
    one_by_one: bool = False,
    plain: bool = False,
    save: Path | None = None,
    resume: Path | None = None,
    output: Path | None = None,
) -> Outcome:
    """Ask on `target`, read from `source`, and evaluate the answers.

    On a terminal, answers are chosen with arrow keys, unless it cannot move its cursor or `plain` lines are wanted.
    The interview is resumed from the answers in `resume`. Answers are kept in `save`, also when the person stops, when
    a signal ends the program, and at the end of input. `output` is not written here, but checked before anything is
    asked. An existing `save` or `output` is replaced only after asking. Raises AdvisorError where a file cannot be
    used, or where a script's input ends before the questions do.
    """
    resumed = symptom_file.read(resume, app.knowledge) if resume else None
    interview = app.interview(one_by_one, resumed.given if resumed else None)
    case = resumed.case if resumed else symptom_file.name_from(save.stem if save else "your answers")
    conversation = Conversation(app, interview, case, _front_end(source, target, plain))
    keeper = _Keeper(save, case, interview, target)
    signals.end_cleanly()
    _agree_on_files([path for path in (save, output) if path], conversation)

    try:
        return _outcome(conversation, keeper, source)
    except (SystemExit, KeyboardInterrupt):  # a signal or Ctrl-C, maybe while the answers were being kept for less
        keeper.keep()
        raise


def _outcome(conversation: Conversation, keeper: _Keeper, source: TextIO) -> Outcome:
    """Hold the conversation and keep the answers. Raises AdvisorError where the input of a script ends too early."""
    try:
        evaluation = conversation.run()
    except StoppedError:
        evaluation = None
    except InputEndedError:
        if not source.isatty():
            keeper.keep()
            raise AdvisorError("the input ended before the questions did; there is no advice") from None
        evaluation = None
    except Exception:  # something unforeseen
        keeper.keep()
        raise
    try:
        keeper.keep()
    except OutputError as error:  # advice that was reached is not to be lost with the file
        return Outcome(evaluation, error)
    return Outcome(evaluation)


def _front_end(source: TextIO, target: TextIO, plain: bool) -> FrontEnd:
    immobile = os.environ.get("TERM", "").lower() in ("", "dumb", "unknown")
    if plain or immobile or not (source.isatty() and target.isatty()):
        return TypedLines(source, target)
    from advisor.cli.choosing import ArrowKeys  # takes a while to import

    return ArrowKeys(source, target)


class _Keeper:
    """Writes the answers to the file they are to be kept in."""

    def __init__(self, path: Path | None, case: str, interview: Interview, target: TextIO) -> None:
        self._path, self._case, self._interview, self._target = path, case, interview, target
        self._replace = path is not None and path.exists()  # if the person agrees, who is asked before anything else
        self._kept = False

    def keep(self) -> None:
        """Write the answers, if there are any. Raises OutputError where that is not possible."""
        try:
            self._write()
        except (SystemExit, KeyboardInterrupt):  # once more, or it would be cut short
            self._write()
            raise

    def _write(self) -> None:
        if self._path is None or self._kept or not self._interview.given:
            return
        files.write(self._path, symptom_file_text(self._path, self._case, self._interview.given), self._replace)
        self._kept = True
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(f"Your answers are in {printable(str(self._path))}", file=self._target, flush=True)


def symptom_file_text(path: Path, case: str, given: Given) -> bytes:
    """Return what a symptom file at `path` says of the answers: JSON where its name ends so, else YAML."""
    findings = {
        name: "unknown" if answer is None else list(answer) if isinstance(answer, tuple) else answer
        for name, answer in given.items()
    }
    content = {"case": case, "findings": findings}
    if path.suffix.lower() == ".json":
        return msgspec.json.format(msgspec.json.encode(content)) + b"\n"
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text.encode()


def _agree_on_files(paths: Sequence[Path], conversation: Conversation) -> None:
    """Have the person agree to each file that would be replaced. Raises AdvisorError where one is kept, or unusable."""
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise OutputError(f"{printable(str(path))} cannot hold both the answers and the advice; name two files")
        seen.add(path.resolve())
        files.check_writable(path)
    for path in paths:
        if not path.exists():
            continue
        try:
            agreed = conversation.confirm(f"{printable(str(path))} exists. Replace it?")
        except (StoppedError, InputEndedError):
            agreed = False
        if not agreed:
            raise OutputError(f"{printable(str(path))} is kept; name another file")
