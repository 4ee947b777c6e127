"""One sitting at the questionnaire, from its first question to the advice, with the answers kept however it ends.

Between the command line and the conversation: which files are read and replaced, and what a signal means.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec
import yaml

from advisor import Advisor, files
from advisor.cli import signals
from advisor.cli.conversation import Conversation, InputEndedError, StoppedError
from advisor.diagnostics import AdvisorError, OutputError, printable
from advisor.reasoning.advice import Advice
from advisor.reasoning.interview import Given, Interview
from advisor.source import symptom_file


class Outcome(msgspec.Struct, frozen=True):
    """How a sitting ended: with advice, or None where the person stopped; and why answers were not kept, if so."""

    advice: Advice | None
    unsaved: OutputError | None = None


def hold(
    advising: Advisor,
    source: TextIO,
    target: TextIO,
    *,
    one_by_one: bool = False,
    save: Path | None = None,
    resume: Path | None = None,
    output: Path | None = None,
) -> Outcome:
    """Ask on `target`, read from `source`, and advise on the answers.

    Answers go on from those in `resume`, and are kept in `save` also when stopped, interrupted, or at the end of input.
    `output` is not written here, but checked before anything is asked. An existing `save` or `output` is replaced only
    after asking. Raises AdvisorError where a file cannot be used, or where a script's input ends before the questions.
    """
    begun = symptom_file.read(resume, advising.knowledge) if resume else None
    interview = Interview(advising.knowledge, one_by_one, begun.given if begun else None)
    case = begun.case if begun else symptom_file.name_from(save.stem if save else "interview")
    conversation = Conversation(advising, interview, case, source, target)
    replace = save is not None and save.exists()
    _agree_on_files([path for path in (save, output) if path], conversation)
    kept = False

    def keep() -> None:
        nonlocal kept
        if save and interview.given and not kept:
            files.write(save, symptom_file_text(save, case, interview.given), replace)
            kept = True
            with contextlib.suppress(OSError):  # the terminal may be gone
                print(f"Your answers are in {printable(str(save))}", file=target, flush=True)

    signals.end_cleanly()
    advice = unsaved = None
    interrupted = True
    try:
        with contextlib.suppress(StoppedError):
            advice = conversation.run()
        interrupted = False
    except InputEndedError:
        if not source.isatty():
            raise AdvisorError("the input ended before the questions did; there is no advice") from None
        interrupted = False
    finally:
        try:
            keep()
        except (SystemExit, KeyboardInterrupt):  # a closed terminal ends the reading, and its signal comes after
            keep()
            raise
        except OutputError as error:
            if interrupted:  # then this is what there is to say
                raise
            unsaved = error  # advice that was reached is not to be lost with the file
    return Outcome(advice, unsaved)


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
