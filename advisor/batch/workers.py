"""Chunks spread over processes, with their outcomes in the order of the chunks.

Workers are copies of this process, so that what it has prepared need not be prepared again, and end with it, however it
ends. Output, the bulk of it all, comes back through shared memory. A chunk whose worker dies (the rule engine is a C
library) is taken apart until the one case that kills is found, and only that one is rejected.

Not an executor of the standard library: those have threads of their own in this process, which a worker that dies or an
interrupt at the wrong moment can leave waiting for ever.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeAlias

import msgspec

from advisor.batch.chunks import Chunk
from advisor.batch.mapper import Outcome, rejected
from advisor.diagnostics import Diagnostic, EngineError, Location

SLOT: Final = 16 << 20  # bytes of shared memory for the output of one chunk; a larger one comes back by the slow way
MOST_DEATHS: Final = 100  # of workers, before the whole is given up

Map: TypeAlias = Callable[[Chunk], Outcome]


def mapped(function: Map, chunks: Iterable[Chunk], workers: int) -> Generator[tuple[Chunk, Outcome], None, None]:
    """Yield each chunk with its outcome, in order. The outcome's output is to be used before the next is asked for.

    With one worker, this process does it all. Raises EngineError where workers keep dying.
    """
    if workers == 1:
        for chunk in chunks:
            yield chunk, function(chunk)
        return
    crew = _Crew(function)
    try:
        crew.hire(workers)
        yield from crew.run(chunks)
    finally:
        crew.dismiss()


class _Job:
    """A chunk on its way: its place in the shared memory, and what came of it."""

    def __init__(self, chunk: Chunk, slot: int) -> None:
        self.chunk, self.slot = chunk, slot
        self.outcome: Outcome | None = None
        self.died = False

    @property
    def over(self) -> bool:
        return self.outcome is not None or self.died


class _Worker:
    """One process, and the job it is at."""

    def __init__(self, function: Map, memory: mmap.mmap, others: Iterable[_Worker]) -> None:
        fork = multiprocessing.get_context("fork")  # a copy, not a new start: knowledge, engine and memory are there
        self.connection, theirs = fork.Pipe()
        self.job: _Job | None = None
        # a worker must not hold the ends that tell the others when this process is gone
        ours = [self.connection, *(other.connection for other in others)]
        self._process = fork.Process(target=_work, args=(function, memory, theirs, ours), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, job: _Job) -> None:
        self.job = job
        with contextlib.suppress(OSError):  # it has died meanwhile, which `receive` finds out
            self.connection.send((job.chunk, job.slot))

    def receive(self, memory: mmap.mmap) -> bool:
        """Take what came of the job; False where the worker died of it."""
        job, self.job = self.job, None
        assert job
        try:
            received: Any = self.connection.recv()
        except (EOFError, OSError):
            job.died = True
            return False
        if isinstance(received, BaseException):
            raise received
        outcome, size = received
        if size:
            start = job.slot * SLOT
            outcome = msgspec.structs.replace(outcome, output=memoryview(memory)[start : start + size])
        job.outcome = outcome
        return True

    def end(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()


class _Crew:
    def __init__(self, function: Map) -> None:
        self._function = function
        self._deaths = 0
        self._workers: list[_Worker] = []

    def hire(self, workers: int) -> None:
        """Begin with so many workers. Raises EngineError where there is no room for them."""
        self._slots = workers * 2  # so that each has one in hand while another waits to be written
        gc.freeze()  # what exists now is not to be copied page by page because a worker's collector looks at it
        try:
            self._memory = mmap.mmap(-1, self._slots * SLOT)
            for _ in range(workers):
                self._hire()
        except OSError as error:
            message = f"{workers} worker processes cannot be started: {error.strerror}; try fewer with --workers"
            raise EngineError(message) from None

    def run(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Outcome]]:
        source = iter(chunks)
        free = list(range(self._slots))
        waiting: deque[_Job] = deque()
        more = True
        while more or waiting:
            for worker in self._workers:
                if more and free and worker.job is None:
                    chunk = next(source, None)
                    if chunk is None:
                        more = False
                    else:
                        waiting.append(_Job(chunk, free.pop()))
                        worker.begin(waiting[-1])
            if not waiting:
                return
            if not waiting[0].over:
                self._receive()
                continue
            job = waiting.popleft()
            if job.outcome:
                yield job.chunk, job.outcome
            else:
                yield from self._in_halves(job)
            free.append(job.slot)

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        while self._workers:
            self._workers.pop().end()

    def _in_halves(self, dead: _Job) -> Iterator[tuple[Chunk, Outcome]]:
        """Try a chunk that a worker died of in two parts, or reject the one case it holds."""
        if len(dead.chunk.records) == 1:
            fault = Diagnostic(Location(), "engine", "no advice for this case: the process that worked on it crashed")
            yield dead.chunk, Outcome(b"", rejects=(rejected(dead.chunk, dead.chunk.records[0], [fault]),))
            return
        for half in dead.chunk.halves():
            while not (idle := next((worker for worker in self._workers if worker.job is None), None)):
                self._receive()
            job = _Job(half, dead.slot)
            idle.begin(job)
            while not job.over:
                self._receive()
            if job.outcome:
                yield half, job.outcome
            else:
                yield from self._in_halves(job)

    def _receive(self) -> None:
        """Wait for a worker to be done, and put another in the place of one that died."""
        ready = wait([worker.connection for worker in self._workers if worker.job])
        for worker in [worker for worker in self._workers if worker.connection in ready]:
            if not worker.receive(self._memory):
                self._workers.remove(worker)
                worker.end()
                self._deaths += 1
                if self._deaths > MOST_DEATHS:
                    raise EngineError(f"worker processes crashed {self._deaths} times; nothing more is tried")
                self._hire()

    def _hire(self) -> None:
        self._workers.append(_Worker(self._function, self._memory, self._workers))


def _work(function: Map, memory: mmap.mmap, connection: Connection, ours: Iterable[Connection]) -> None:
    """Map chunks until there is nobody left to ask for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    for end in ours:
        end.close()
    while True:
        try:
            chunk, slot = connection.recv()
        except (EOFError, OSError):
            return
        try:
            outcome = function(chunk)
            size = len(outcome.output)
            if size <= SLOT:
                memory[slot * SLOT : slot * SLOT + size] = bytes(outcome.output)
                answer: Any = msgspec.structs.replace(outcome, output=b""), size
            else:
                answer = outcome, 0
        except Exception as error:
            answer = error
        try:
            connection.send(answer)
        except OSError:
            return
