"""One run of a batch, from the plan to the summary: all of it is done, or nothing is written.

What happens to a case is for `mapper`, how files appear for `sinks`; here these are put together.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from advisor import files
from advisor.batch import chunking, encoders, sinks, sources
from advisor.batch.chunks import Chunk
from advisor.batch.duplicate_names import DuplicateName, DuplicateNames
from advisor.batch.mapper import Mapper, Outcome
from advisor.batch.reading import Reject
from advisor.batch.workers import mapped
from advisor.diagnostics import AdvisorError, AnswersError, Diagnostic, Location, printable
from advisor.model.knowledge import LEVELS, Knowledge, Level
from advisor.reasoning.advice import KnowledgeStamp

FIRST_REJECTED: Final = 5  # how many rejects the summary shows

Progress: TypeAlias = Callable[[int, int, int], None]  # cases so far, bytes so far, bytes in all (0: not known)


class Plan(msgspec.Struct, frozen=True):
    """What is to be read and written, and how."""

    inputs: tuple[str, ...]  # files, folders, - for standard input
    output: str  # a file, whose name tells the format, or - for standard output
    compact: bool = False
    keep_columns: bool = False
    strict: bool = False  # stop at the first record that is not a case
    rejects: Path | None = None  # None: beside the output, or standard error
    summary: Path | None = None
    workers: int = 0  # 0: one for each core


class Summary(msgspec.Struct, frozen=True):
    """What a run came to: the object that `--summary` writes."""

    schema: str
    knowledge: KnowledgeStamp
    cases: int  # advised + rejected
    advised: int
    rejected: int
    seconds: float
    cases_per_second: float
    care: dict[Level, int]  # how many cases came to each level
    nutrients: dict[str, int]  # for how many cases each came up
    repeated_names: int | None  # how many names several cases have; None if that could not be counted
    repeated: tuple[DuplicateName, ...]  # the first of them
    skipped: tuple[str, ...]  # files in folders that are not symptom files or batch files
    kept_columns: tuple[str, ...]
    output: str
    rejects: str  # where the rejected cases are; empty if there are none
    first_rejected: tuple[str, ...]  # the first of them, as file:line: problem


def run(knowledge: Knowledge, plan: Plan, progress: Progress = lambda cases, done, size: None) -> Summary:
    """Carry out a plan. Every record is in the output or among the rejects, in the order of the input.

    Files appear when everything is complete, or not at all. Raises AnswersError if an input cannot be read, OutputError
    if an output cannot be written, with `strict` AnswersError for the first record that is rejected, and AdvisorError
    if the plan makes no sense.
    """
    started = time.monotonic()
    job = _prepare(knowledge, plan)
    tally = _Tally()
    with sinks.Outputs(job.destination, knowledge) as outputs, closing(DuplicateNames()) as names:
        with closing(mapped(job.mapper, job.chunks(), job.workers)) as outcomes:
            for chunk, outcome in outcomes:
                if plan.strict and outcome.rejects:
                    raise _error(outcome.rejects[0])
                outputs.write(outcome.output)
                outputs.reject(outcome.rejects)
                names.add(chunk.file, outcome.names)
                tally.add(outcome)
                progress(tally.cases, chunk.reached, job.found.size)
        summary = _summary(job, tally, names, started)
        outputs.commit(summary)
    return summary


class _Job(msgspec.Struct, frozen=True):
    """A plan that can be carried out: the files to read are there, and those to write can be written."""

    knowledge: Knowledge
    found: sources.Input
    destination: sinks.Destination
    mapper: Mapper
    workers: int

    def chunks(self) -> Iterator[Chunk]:
        """Yield the input."""
        # Full results are some thirty times as long as the input: fewer of them at a time
        size = chunking.BLOCK if self.destination.form == "lines" else chunking.BLOCK * 4
        # In a pipeline, results are wanted as soon as their cases have arrived
        return chunking.read(self.found, block_until_full=self.destination.output != "-", block_size=size)


class _Tally:
    """The counts of the outcomes so far."""

    def __init__(self) -> None:
        self.advised = self.rejected = 0
        self.care, self.nutrients = Counter[Level](), Counter[str]()
        self.first_rejected: list[str] = []

    @property
    def cases(self) -> int:
        return self.advised + self.rejected

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.advised += outcome.advised
        self.rejected += len(outcome.rejects)
        self.care.update(outcome.care)
        self.nutrients.update(outcome.nutrients)
        missing = FIRST_REJECTED - len(self.first_rejected)
        self.first_rejected += [str(_error(reject)) for reject in outcome.rejects[:missing]]


def _prepare(knowledge: Knowledge, plan: Plan) -> _Job:
    """Look at everything that the plan names. Raises as `run` does, before anything is written."""
    form = sinks.format_of(plan.output, plan.compact)
    rejects = plan.rejects or sinks.rejects_beside(plan.output)
    written = _distinct(None if plan.output == "-" else Path(plan.output), rejects, plan.summary)
    found = sources.find(plan.inputs, knowledge.finding, plan.keep_columns, written)
    kept = _columns_to_keep(found, knowledge)
    for path in written:
        files.check_writable(path)
    return _Job(
        knowledge=knowledge,
        found=found,
        destination=sinks.Destination(
            output=plan.output,
            form=form,
            kept=kept,
            rejects=rejects,
            always_rejects=plan.rejects is not None,
            summary=plan.summary,
            all_or_nothing=plan.strict,
        ),
        mapper=Mapper(knowledge, form, kept, compress=plan.output.lower().endswith(".gz")),
        workers=plan.workers or _default_workers(found),
    )


def _distinct(output: Path | None, *others: Path | None) -> list[Path]:
    """Return the files to be written. Raises AdvisorError if one of them is to be two things."""
    for path in others:
        if path and path.suffix.lower() == ".gz":
            raise AdvisorError(
                f"{printable(str(path))} would not be packed: leave .gz away; only the output can have it"
            )
    named = [path for path in (output, *others) if path]
    identities: list[object] = []
    for path in named:
        identity = files.identity(path)
        if identity and identity in identities:
            raise AdvisorError(f"{printable(str(path))} cannot be two outputs at once; name two files")
        identities.append(identity)
    return named


def _columns_to_keep(found: sources.Input, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the columns that are not findings. Raises AnswersError if one has the name of a column of the output."""
    ours = encoders.columns(knowledge)
    kept: dict[str, None] = {}
    for source in found.sources:
        for column in source.columns:
            if column == "case" or column in knowledge.finding:
                continue
            if column in ours:
                message = f"column {column!r} has the name of a column of the output; rename it"
                raise AnswersError([Diagnostic(Location(source.name, 1), "column", message)])
            kept[column] = None
    return tuple(kept)


def _default_workers(found: sources.Input) -> int:
    if 0 < found.size < chunking.BLOCK:  # one chunk or little more: not worth a second process
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _summary(job: _Job, tally: _Tally, names: DuplicateNames, started: float) -> Summary:
    destination, knowledge = job.destination, job.knowledge
    repeated_names, repeated = names.found()
    seconds = time.monotonic() - started
    rejects = printable(str(destination.rejects)) if destination.rejects else "<stderr>"
    return Summary(
        schema="nutrient-advisor/summary/1",
        knowledge=KnowledgeStamp(knowledge.version, knowledge.digest),
        cases=tally.cases,
        advised=tally.advised,
        rejected=tally.rejected,
        seconds=round(seconds, 3),
        cases_per_second=round(tally.cases / seconds, 1) if seconds else 0.0,
        care={level: tally.care[level] for level in LEVELS},
        nutrients={nutrient: tally.nutrients[nutrient] for nutrient in knowledge.nutrient},
        repeated_names=repeated_names if names.usable else None,
        repeated=repeated,
        skipped=job.found.skipped,
        kept_columns=destination.kept,
        output=printable(destination.output),
        rejects=rejects if tally.rejected else "",
        first_rejected=tuple(tally.first_rejected),
    )


def _error(reject: Reject) -> AnswersError:
    """Return a reject as the error that ends a strict run."""
    location = Location(reject.file, reject.line)
    return AnswersError(Diagnostic(location, "not-a-case", problem) for problem in reject.problems)
