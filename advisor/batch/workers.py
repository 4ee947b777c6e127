"""Chunks spread over processes, with their outcomes in the order of the chunks.

Workers are copies of this process, so that what it has prepared need not be prepared again; they end with it, however
it ends. Output, the bulk of it all, comes back through shared memory. A chunk whose worker dies (the rule engine is a C
library) is taken apart until the one case that kills is found, and only that one is rejected.
"""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import Final, NamedTuple, TypeAlias

import msgspec

from advisor.batch.chunks import Chunk
from advisor.batch.mapper import Outcome, rejected
from advisor.problems import EngineError, Problem

SLOT: Final = 16 << 20  # bytes of shared memory for the output of one chunk; a larger one comes back by the slow way
MOST_DEATHS: Final = 100  # of workers, before the whole is given up

Map: TypeAlias = Callable[[Chunk], Outcome]


class _Here(NamedTuple):
    """What a worker has: the function, the shared memory."""

    mapped: Map
    memory: mmap.mmap


_here: _Here  # in a worker


def mapped(function: Map, chunks: Iterable[Chunk], workers: int) -> Generator[tuple[Chunk, Outcome], None, None]:
    """Yield each chunk with its outcome, in order. The outcome's output is to be used before the next is asked for.

    With one worker, this process does it all. Raises EngineError where workers keep dying.
    """
    if workers == 1:
        for chunk in chunks:
            yield chunk, function(chunk)
        return
    crew = _Crew(function, workers)
    try:
        yield from crew.run(chunks)
    finally:
        crew.dismiss()


class _Crew:
    def __init__(self, function: Map, workers: int) -> None:
        self._function, self._workers = function, workers
        self._slots = workers * 2  # so that each has one in hand while another waits to be written
        self._memory = mmap.mmap(-1, self._slots * SLOT)
        self._deaths = 0
        self._hire()

    def run(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Outcome]]:
        free = list(range(self._slots))
        waiting: deque[tuple[Chunk, int, Future[tuple[Outcome, int]]]] = deque()
        source = iter(chunks)
        more = True
        while more or waiting:
            while free and more:
                chunk = next(source, None)
                if chunk is None:
                    more = False
                else:
                    slot = free.pop()
                    waiting.append((chunk, slot, self._submit(chunk, slot)))
            if not waiting:
                return
            chunk, slot, future = waiting.popleft()
            try:
                yield chunk, self._received(future, slot)
            except BrokenProcessPool:
                self._replace()
                yield from self._singly(chunk, slot)
                waiting = deque((chunk, slot, self._submit(chunk, slot)) for chunk, slot, _ in waiting)
            free.append(slot)

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        os.close(self._lifeline)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _singly(self, chunk: Chunk, slot: int) -> Iterator[tuple[Chunk, Outcome]]:
        """Run a chunk with nothing beside it; where the worker dies again, its halves."""
        try:
            yield chunk, self._received(self._submit(chunk, slot), slot)
        except BrokenProcessPool:
            self._replace()
            if len(chunk.records) > 1:
                for half in chunk.halves():
                    yield from self._singly(half, slot)
            else:
                fault = Problem("", 0, "no advice for this case: the process that worked on it crashed")
                yield chunk, Outcome(b"", rejects=(rejected(chunk, chunk.first, chunk.records[0], [fault]),))

    def _submit(self, chunk: Chunk, slot: int) -> Future[tuple[Outcome, int]]:
        return self._pool.submit(_work, chunk, slot)

    def _received(self, future: Future[tuple[Outcome, int]], slot: int) -> Outcome:
        outcome, size = future.result()
        if not size:
            return outcome
        return msgspec.structs.replace(outcome, output=memoryview(self._memory)[slot * SLOT : slot * SLOT + size])

    def _hire(self) -> None:
        # the workers hold the reading end: when this process ends, however it does, they notice
        reading, self._lifeline = os.pipe()
        self._pool = ProcessPoolExecutor(
            self._workers,
            # a copy, not a new start: knowledge, engine and memory are there already
            mp_context=multiprocessing.get_context("fork"),
            initializer=_begin,
            initargs=(_Here(self._function, self._memory), reading, self._lifeline),
        )
        gc.freeze()  # what exists now is not to be copied page by page because a worker's collector looks at it
        self._pool.submit(os.getpid).result()  # forks them all
        os.close(reading)

    def _replace(self) -> None:
        self._deaths += 1
        self.dismiss()
        if self._deaths > MOST_DEATHS:
            raise EngineError(f"worker processes crashed {self._deaths} times; nothing more is tried")
        self._hire()


def _begin(here: _Here, reading: int, writing: int) -> None:
    global _here
    _here = here
    os.close(writing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the parent decides what these mean
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_end_with_parent, args=(reading,), daemon=True).start()


def _end_with_parent(reading: int) -> None:
    os.read(reading, 1)
    os._exit(1)


def _work(chunk: Chunk, slot: int) -> tuple[Outcome, int]:
    """Map a chunk; return the outcome, and the size of its output where that is in shared memory instead."""
    outcome = _here.mapped(chunk)
    size = len(outcome.output)
    if size > SLOT:
        return outcome, 0
    _here.memory[slot * SLOT : slot * SLOT + size] = bytes(outcome.output)
    return msgspec.structs.replace(outcome, output=b""), size
