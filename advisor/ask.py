"""One sitting at the questionnaire, from its first question to the advice, with the answers kept however it ends.

Between the command line and the conversation: which files are read and replaced, and what a signal means.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import TextIO

import yaml

from advisor import Advisor, answers, files
from advisor.advice import Advice
from advisor.conversation import Conversation, InputEndedError, StoppedError
from advisor.interview import Given, Interview
from advisor.problems import AdvisorError, printable

_ENDINGS = (signal.SIGHUP, signal.SIGTERM)  # the terminal was closed; the system shuts down


def hold(
    advising: Advisor,
    source: TextIO,
    target: TextIO,
    *,
    one_by_one: bool = False,
    save: Path | None = None,
    resume: Path | None = None,
    output: Path | None = None,
) -> Advice | None:
    """Ask on `target`, read from `source`, and return the advice; None where the person stopped.

    Answers go on from those in `resume`, and are kept in `save` also when stopped, interrupted, or at the end of input.
    `output` is not written here, but checked before anything is asked. An existing `save` or `output` is replaced only
    after asking. Raises AdvisorError where a file cannot be used, or where a script's input ends before the questions.
    """
    begun = answers.read(resume, advising.knowledge) if resume else None
    start = {**begun.given, **dict.fromkeys(begun.unknown)} if begun else {}
    interview = Interview(advising.knowledge, one_by_one, start)
    case = begun.case if begun else answers.name_from(save.stem if save else "interview")
    conversation = Conversation(advising, interview, case, source, target)
    replace_save = save is not None and save.exists()
    _agree_on_files([path for path in (save, output) if path], conversation)

    def keep() -> None:
        if save and interview.given:
            files.write(save, symptom_file(case, interview.given), replace=replace_save)
            with contextlib.suppress(OSError):  # the terminal may be gone
                print(f"Your answers are in {printable(str(save))}", file=target, flush=True)

    for number in _ENDINGS:
        signal.signal(number, _end)
    try:
        return conversation.run()
    except StoppedError:
        return None
    except InputEndedError:
        if source.isatty():
            return None
        raise AdvisorError("the input ended before the questions did; there is no advice") from None
    finally:
        try:
            keep()
        except (SystemExit, KeyboardInterrupt):  # a closed terminal ends the reading, and its signal comes after
            keep()
            raise


def symptom_file(case: str, given: Given) -> bytes:
    """Return a symptom file of what was answered; don't know is written as unknown, so as not to be asked again."""
    findings = {
        name: "unknown" if answer is None else list(answer) if isinstance(answer, tuple) else answer
        for name, answer in given.items()
    }
    text: str = yaml.safe_dump({"case": case, "findings": findings}, sort_keys=False, allow_unicode=True)
    return text.encode()


def _agree_on_files(paths: Iterable[Path], conversation: Conversation) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise AdvisorError(f"{printable(str(path))} cannot hold both the answers and the advice; name two files")
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
            raise AdvisorError(f"{printable(str(path))} is kept; name another file")


def _end(number: int, frame: FrameType | None) -> None:
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)  # once is enough
    sys.exit(128 + number)
