"""Forward chaining with durable-rules: facts in, firings out. This is the engine that advises.

No other module imports durable-rules (a test holds that).

All rules become one ruleset. How it is called is chosen with care, because durable-rules 2.0.28, called in the obvious
ways, loses results silently, corrupts memory or hangs:

- `durable.engine.Ruleset` is used alone; `durable.lang` would add a global host with two threads.
- Facts are asserted one by one, each followed by `do_actions`: a batch stops at the first fact that no rule uses.
- Each fact's id is the fact itself, so that deriving it twice is noticed by the engine and means nothing to us.
- An opening fact that always matches a rule comes first: deleting a state in which no action has run frees memory
  that was never set.
- Every case has a state of its own, deleted when it is done: a ruleset holds at most 1,024. A case that was interrupted
  may leave its state behind, but no later case ever sees it.
- A fact fills one place of a rule only, so a numeric test is a fact of its own, worked out before.
- An exception in an action would end up as a text in the state, so it is carried out by hand.
- An action that seems to take more than ten seconds (a process stopped and continued) is dropped together with
  everything behind it, without a word; the case is then evaluated again from the start. Its clock is replaced by a
  steady one, so that at least setting the time drops nothing.

The size of a ruleset is limited too; see `advisor.engine.limits`.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import msgspec

from advisor.diagnostics import EngineError
from advisor.engine import limits
from advisor.engine.firings import Firing
from advisor.model.facts import Fact
from advisor.model.knowledge import Rule

_ATTEMPTS: Final = 3
_MOST_LEFT_BEHIND: Final = 1_000  # states of interrupted cases, after which the ruleset is built anew


class DurableEngine:
    """A rule base compiled once, to be put any number of cases. Cases do not affect each other; threads take turns."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Compile the rules, whose order becomes the order of firings.

        Raises KnowledgeError where they are more than the engine can hold, EngineError where durable-rules cannot be
        imported or does not accept them.
        """
        limits.require(rules)
        self._durable = import_durable()
        self._matches = [(rule, alternative) for rule in rules for alternative in rule.alternatives]
        self._fired: set[int] = set()
        self._failure: BaseException | None = None
        self._lock = Lock()
        self._build()

    def fire(self, reported: Iterable[Fact]) -> tuple[Firing, ...]:
        """Put the facts that were reported to the engine; return every firing, in rule order.

        Raises EngineError where the engine does not carry the case through.
        """
        asserted = [{"id": fact, "fact": fact} for fact in map(str, reported)]
        with self._lock:
            for _ in range(_ATTEMPTS):
                if self._evaluate(asserted):
                    return tuple(Firing(*self._matches[index]) for index in sorted(self._fired))
        raise EngineError("the rule engine dropped this case each time it was tried")

    def _build(self) -> None:
        definition: dict[str, Any] = {"open": {"all": [{"c0": {"open": 1}}], "run": lambda closure: None}}
        for index, (rule, alternative) in enumerate(self._matches):
            conditions = [{f"c{place}": {"fact": str(fact)}} for place, fact in enumerate(alternative)]
            definition[f"m{index}"] = {"all": conditions, "run": self._action(index, rule)}
        try:
            self._ruleset = self._durable.Ruleset("advisor", None, definition)
        except Exception as error:
            raise EngineError(f"the rule engine did not accept the rules: {error}") from error
        self._case = 0
        self._left_behind = 0

    def _evaluate(self, asserted: Sequence[dict[str, Any]]) -> bool:
        """Run one case through a fresh state; False where the engine dropped an action half-way."""
        if self._left_behind >= _MOST_LEFT_BEHIND:
            self._build()
        self._case += 1
        self._left_behind += 1  # until it is deleted, whatever happens in between
        self._fired = set()
        self._failure = None
        opened = False
        try:
            opened = self._assert({"id": "open", "open": 1})
            return opened and all(map(self._assert, asserted))
        finally:
            if opened:
                self._ruleset.delete_state(str(self._case))
                self._left_behind -= 1

    def _assert(self, message: dict[str, Any]) -> bool:
        """Assert one fact and run the actions it sets off; False where they were not all carried out."""
        outcome: list[tuple[BaseException | str | None, dict[str, Any] | None]] = []
        try:
            state = self._ruleset.assert_fact({"sid": str(self._case), **message})
        except (self._durable.MessageNotHandledException, self._durable.MessageObservedException):
            return True  # no rule uses the fact, or it was derived already
        self._ruleset.do_actions(state, lambda error, state: outcome.append((error, state)))
        if self._failure is not None:
            raise self._failure
        for error, final in outcome:
            if isinstance(error, BaseException):
                raise error
            text = str(error or (final or {}).get("exception") or "")
            if text:
                raise EngineError(f"the rule engine failed: {text.partition(', traceback')[0]}")
        return bool(outcome)

    def _action(self, index: int, rule: Rule) -> Callable[[Any], None]:
        """Return what the engine calls when a match is complete: note it, and assert what it derives."""
        derived = str(rule.concludes) if isinstance(rule.concludes, Fact) else None

        def run(closure: Any) -> None:
            try:
                self._fired.add(index)
                if derived:
                    closure.assert_fact({"id": derived, "fact": derived})
            except (self._durable.MessageNotHandledException, self._durable.MessageObservedException):
                pass
            except BaseException as error:  # the engine would keep only its text, Ctrl-C included
                self._failure = error

        return run


@contextmanager
def _unused_symbols_unresolved() -> Iterator[None]:
    # Built for Python 3.13 and later, the C module refers to PyEval_CallObject, which is gone; only callbacks that we
    # never register use it. Lazy binding leaves it unresolved, so that a plain `pip install` works there too.
    if not hasattr(sys, "setdlopenflags"):
        yield
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags((flags & ~os.RTLD_NOW) | os.RTLD_LAZY)
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


def _to_json(value: object, ensure_ascii: bool = False) -> str:
    return msgspec.json.encode(value).decode()


def import_durable() -> ModuleType:
    """Import `durable.engine` in the one way that works on every Python. Raises EngineError with the remedy."""
    try:
        with _unused_symbols_unresolved():
            import durable.engine
    except ImportError as error:
        raise EngineError(
            f"the rule engine durable-rules cannot be imported ({error}). It is built from C source when it is "
            "installed, which needs a C compiler and the Python headers. With those in place, build it again:\n"
            "  CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject "
            "pip install --force-reinstall --no-cache-dir durable-rules"
        ) from error
    module: ModuleType = durable.engine
    # Its own clock can be set, and warns from Python 3.12 on. Only differences between its readings are ever used.
    module._unix_now = time.monotonic  # type: ignore[attr-defined]
    # Most of its time goes into JSON, back and forth for every fact
    module.json = SimpleNamespace(dumps=_to_json, loads=msgspec.json.decode)  # type: ignore[attr-defined]
    # What it logs it also reports; without a handler Python would print it
    logging.getLogger("durable").addHandler(logging.NullHandler())
    return module
