"""One run of a batch: inputs to output, rejects and summary, all of it or nothing.

Where files come from and go to, in which order, and what is counted; what becomes of a case is decided in `mapper`.
"""

from __future__ import annotations

import gzip
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from advisor import files
from advisor.batch import encoders, sinks, sources
from advisor.batch.duplicate_names import Names, Repeated
from advisor.batch.mapper import Mapper, Reject
from advisor.batch.workers import mapped
from advisor.diagnostics import AdvisorError, AnswersError, Diagnostic, Location, printable
from advisor.model.knowledge import LEVELS, Knowledge
from advisor.reasoning.advice import KnowledgeStamp

FIRST_REJECTED: Final = 5  # of those, how many the summary shows

Progress: TypeAlias = Callable[[int, int, int], None]  # cases so far, bytes so far, all bytes (0: not known)


class Plan(msgspec.Struct, frozen=True):
    """What is to be read and written, and how."""

    inputs: tuple[str, ...]  # files, folders, - for standard input
    output: str  # a file, whose name tells its form, or - for standard output
    compact: bool = False
    keep_columns: bool = False
    strict: bool = False  # stop at the first case that cannot be read
    rejects: Path | None = None  # None: beside the output, or standard error
    summary: Path | None = None
    workers: int = 0  # 0: one for each core


class Summary(msgspec.Struct, frozen=True):
    """What a run came to; the object that `--summary` writes."""

    schema: str
    knowledge: KnowledgeStamp
    cases: int  # advised + rejected
    advised: int
    rejected: int
    seconds: float
    cases_per_second: float
    care: dict[str, int]  # how many cases came to each level
    nutrients: dict[str, int]  # in how many cases each came up
    repeated_names: int | None  # how many names several cases have; None where that could not be counted
    repeated: tuple[Repeated, ...]  # the first of them
    skipped: tuple[str, ...]  # what in the folders is no symptom file or batch file
    kept_columns: tuple[str, ...]
    output: str
    rejects: str  # where the rejected cases are; empty where there are none
    first_rejected: tuple[str, ...]  # the first of them, as file:line: problem


def run(knowledge: Knowledge, plan: Plan, progress: Progress = lambda cases, done, size: None) -> Summary:
    """Carry out a plan. Every case read is in the output or among the rejects, in the order of the input.

    Files appear when everything is complete, or not at all. Raises AnswersError where an input cannot be read or an
    output not be written, and with `strict` for the first case rejected; AdvisorError where the plan makes no sense.
    """
    started = time.monotonic()
    form = sinks.form_of(plan.output, plan.compact)
    rejects = plan.rejects or sinks.rejects_beside(plan.output)
    written = _distinct([None if plan.output == "-" else Path(plan.output), rejects, plan.summary])
    found = sources.find(plan.inputs, knowledge.finding, plan.keep_columns, written)
    kept = _kept(found, knowledge)
    compress = plan.output.lower().endswith(".gz")
    for path in written:
        files.check_writable(path)
    mapper = Mapper(knowledge, form, kept, compress)

    care, nutrients = Counter[str](), Counter[str]()
    advised = rejected = 0
    first_rejected: list[str] = []
    with ExitStack() as stack:
        output = stack.enter_context(sinks.output(plan.output, form, knowledge, kept, plan.strict))
        refused = stack.enter_context(sinks.rejects(rejects, always=plan.rejects is not None))
        names = stack.enter_context(closing(Names()))
        # full results are some thirty times as long as what they are made of: fewer of them at a time
        block = sources.BLOCK if form == "lines" else sources.BLOCK * 4
        chunks = sources.read(found, patient=compress or plan.output != "-", block=block)
        outcomes = stack.enter_context(closing(mapped(mapper, chunks, _workers(plan, found))))
        for chunk, outcome in outcomes:
            if plan.strict and outcome.rejects:
                raise _first(outcome.rejects[0])
            output.write(outcome.output)
            for reject in outcome.rejects:
                refused.write(msgspec.json.encode(reject) + b"\n")
                if len(first_rejected) < FIRST_REJECTED:
                    first_rejected.append(str(_first(reject)))
            names.add(chunk.file, outcome.names)
            advised += outcome.advised
            rejected += len(outcome.rejects)
            care.update(outcome.care)
            nutrients.update(outcome.nutrients)
            progress(advised + rejected, chunk.reached, found.size)
        if compress and not advised:
            output.write(gzip.compress(b"", mtime=0))  # nothing at all would be no gzip file
        repeated = names.repeated()
        seconds = time.monotonic() - started
        summary = Summary(
            schema="nutrient-advisor/summary/1",
            knowledge=KnowledgeStamp(knowledge.version, knowledge.digest),
            cases=advised + rejected,
            advised=advised,
            rejected=rejected,
            seconds=round(seconds, 3),
            cases_per_second=round((advised + rejected) / seconds, 1) if seconds else 0.0,
            care={level: care[level] for level in LEVELS},
            nutrients={nutrient: nutrients[nutrient] for nutrient in knowledge.nutrient},
            repeated_names=repeated[0] if names.usable else None,
            repeated=repeated[1],
            skipped=found.skipped,
            kept_columns=kept,
            output=printable(plan.output),
            rejects=(printable(str(rejects)) if rejects else "<stderr>") if rejected else "",
            first_rejected=tuple(first_rejected),
        )
        account = stack.enter_context(files.Whole(plan.summary)) if plan.summary else None
        if account:
            account.write(msgspec.json.format(msgspec.json.encode(summary)) + b"\n")
        complete = [sink for sink in (refused, account, output) if sink]
        for sink in complete:
            sink.finish()
        for sink in complete:
            sink.appear()
    return summary


def _distinct(paths: Sequence[Path | None]) -> list[Path]:
    """Return the files to be written. Raises AdvisorError where one is to be two things."""
    named = [path for path in paths if path]
    for path in named[1:] if paths[0] else named:
        if path.suffix.lower() == ".gz":
            raise AdvisorError(
                f"{printable(str(path))} would not be packed: leave .gz away; only the output can have it"
            )
    for place, path in enumerate(named):
        if files.identity(path) in [files.identity(other) for other in named[:place]] and files.identity(path):
            raise AdvisorError(f"{printable(str(path))} cannot be two outputs at once; name two files")
    return named


def _kept(found: sources.Input, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the columns of tables that are to be kept. Raises AnswersError where a name is taken by one of ours."""
    kept: dict[str, None] = {}
    for source in found.sources:
        for column in source.columns:
            if column == "case" or column in knowledge.finding:
                continue
            if column in encoders.columns(knowledge):
                message = f"column {column!r} has the name of a column of the output; rename it"
                raise AnswersError([Diagnostic(Location(source.name, 1), "column", message)])
            kept[column] = None
    return tuple(kept)


def _workers(plan: Plan, found: sources.Input) -> int:
    if plan.workers:
        return plan.workers
    if 0 < found.size < sources.BLOCK:  # one chunk or little more: not worth a second process
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first(reject: Reject) -> AnswersError:
    return AnswersError(
        Diagnostic(Location(reject.file, reject.line), "column", problem) for problem in reject.problems
    )
