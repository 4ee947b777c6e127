"""Chunks spread over several processes; their outcomes come back in the order of the chunks.

Workers are forked from this process, so that they need not prepare anything again, and they end when it ends, however
it ends. The output, which is most of the data, comes back through shared memory. If a worker dies (the rule engine is a
C library), its chunk is halved again and again until the one case is found that kills workers, and only that case is
rejected.

This is not an executor of the standard library, because those have threads in this process, and a worker that dies or
an interrupt at the wrong moment can leave such a thread waiting for ever.
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
from advisor.batch.mapper import Outcome
from advisor.batch.reading import rejected
from advisor.diagnostics import Diagnostic, EngineError

SLOT: Final = 16 << 20  # bytes of shared memory for the output of one chunk; a larger output is sent through a pipe
MOST_DEATHS: Final = 100  # of workers, before the run is given up

Map: TypeAlias = Callable[[Chunk], Outcome]


def mapped(function: Map, chunks: Iterable[Chunk], workers: int) -> Generator[tuple[Chunk, Outcome], None, None]:
    """Yield each chunk with its outcome, in order. The outcome's output must be used before the next is asked for.

    With one worker, everything happens in this process. Raises EngineError if workers keep dying.
    """
    if workers == 1:
        for chunk in chunks:
            yield chunk, function(chunk)
        return
    pool = _Pool(function)
    try:
        pool.start(workers)
        yield from pool.run(chunks)
    finally:
        pool.stop()


class _Job:
    """A chunk that a worker has or had: its slot in the shared memory, and what it came to."""

    def __init__(self, chunk: Chunk, slot: int) -> None:
        self.chunk, self.slot = chunk, slot
        self.outcome: Outcome | None = None
        self.died = False

    @property
    def over(self) -> bool:
        return self.outcome is not None or self.died


class _Worker:
    """One process, and the job it is working on."""

    def __init__(self, function: Map, memory: mmap.mmap, others: Iterable[_Worker]) -> None:
        fork = multiprocessing.get_context("fork")  # the copy has the knowledge, the engine and the shared memory
        self.connection, theirs = fork.Pipe()
        self.job: _Job | None = None
        # The copy must close our ends of the pipes: only then do the workers notice when this process is gone
        ours = [self.connection, *(other.connection for other in others)]
        self._process = fork.Process(target=_work, args=(function, memory, theirs, ours), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, job: _Job) -> None:
        self.job = job
        with contextlib.suppress(OSError):  # if the worker has died, `receive` will notice
            self.connection.send((job.chunk, job.slot))

    def receive(self, memory: mmap.mmap) -> bool:
        """Receive the outcome of the job; return False if the worker died of it."""
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

    def kill(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()


class _Pool:
    """Some workers, and the memory they share."""

    def __init__(self, function: Map) -> None:
        self._function = function
        self._deaths = 0
        self._workers: list[_Worker] = []

    def start(self, workers: int) -> None:
        """Start this many workers. Raises EngineError if that is not possible."""
        self._slots = workers * 2  # each worker can have a job while another of its outcomes waits to be written
        gc.freeze()  # or the first garbage collection of each worker would write to, and so copy, every page
        try:
            self._memory = mmap.mmap(-1, self._slots * SLOT)
            for _ in range(workers):
                self._start_worker()
        except OSError as error:
            message = f"{workers} worker processes cannot be started: {error.strerror}; try fewer with --workers"
            raise EngineError(message) from None

    def run(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Outcome]]:
        """Yield each chunk with its outcome, in order."""
        source = iter(chunks)
        free = list(range(self._slots))
        waiting: deque[_Job] = deque()  # in the order of their chunks
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

    def stop(self) -> None:
        """Kill all workers, whatever they are doing."""
        while self._workers:
            self._workers.pop().kill()

    def _in_halves(self, dead: _Job) -> Iterator[tuple[Chunk, Outcome]]:
        """Try a chunk that killed a worker again in two halves; if it is down to one record, reject that."""
        chunk = dead.chunk
        if len(chunk.records) == 1:
            here = chunk.location(0)
            problem = Diagnostic(here, "engine", "no advice for this case: the process that worked on it crashed")
            yield chunk, Outcome(b"", rejects=(rejected(chunk.records[0], here, [problem]),))
            return
        for half in chunk.halves():
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
        """Wait until a worker is done with its job, and replace each one that died of it."""
        ready = wait([worker.connection for worker in self._workers if worker.job])
        for worker in [worker for worker in self._workers if worker.connection in ready]:
            if not worker.receive(self._memory):
                self._workers.remove(worker)
                worker.kill()
                self._deaths += 1
                if self._deaths > MOST_DEATHS:
                    raise EngineError(f"worker processes crashed {self._deaths} times; nothing more is tried")
                self._start_worker()

    def _start_worker(self) -> None:
        self._workers.append(_Worker(self._function, self._memory, self._workers))


def _work(function: Map, memory: mmap.mmap, connection: Connection, ours: Iterable[Connection]) -> None:
    """Be a worker: map each chunk that is sent, until the other end of the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what Ctrl-C means is decided by the parent
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
