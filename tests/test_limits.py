"""The engine's limits: what is allowed works, what is refused would break; and the loader refuses it in time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

import pytest
from builders import ROOT, KnowledgeError, alternatives, fired, message_of, place, rule
from command import PATIENCE
from sizes import rounds

from advisor.engine import limits
from advisor.engine.durable import DurableEngine
from advisor.model.knowledge import Rule


def advising(name: str, *alternatives: tuple[str, ...], line: int = 1) -> Rule:
    return rule(name, "advise", "hydrate", *alternatives, line=line)


def all_facts(rules: list[Rule]) -> list[str]:
    return sorted({fact for one in rules for premises in alternatives(one) for fact in premises})


def conditions(count: int) -> list[Rule]:
    return [advising("r", tuple(f"finding:f{n}" for n in range(count)))]


def sharing(count: int) -> list[Rule]:
    return [advising(f"r{n}", ("finding:f0", f"finding:g{n}")) for n in range(count)]


def distinct(count: int) -> list[Rule]:
    return [advising(f"r{n}", (f"finding:f{n}",)) for n in range(count)]


LIMITS = {
    "conditions": (conditions, limits.CONDITIONS_IN_A_MATCH, "joins 17 conditions"),
    "sharing": (sharing, limits.MATCHES_SHARING_A_FACT, "more than 255 conditions use 'finding:f0'"),
    "distinct": (distinct, limits.DISTINCT_FACTS, "more than 510 different facts"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_as_much_as_the_limit_allows_fires_in_full(name: str) -> None:
    make, limit, _ = LIMITS[name]
    rules = make(limit)
    assert limits.check(rules) == []
    assert len(fired(DurableEngine(rules), all_facts(rules))) == len(rules)


@pytest.mark.parametrize("name", LIMITS)
def test_one_more_than_the_limit_is_refused(name: str) -> None:
    make, limit, message = LIMITS[name]
    (problem,) = limits.check(make(limit + 1))
    assert message in message_of(problem)
    assert place(problem) == ("rules.yaml", 1)


BEYOND = """
import sys
sys.path.insert(0, "tests")
import test_limits as t
t.limits.require = lambda rules: None  # or the engine would refuse to be built
make, limit, _ = t.LIMITS[sys.argv[1]]
rules = make(limit + int(sys.argv[2]))
assert len(t.fired(t.DurableEngine(rules), t.all_facts(rules))) == len(rules)
"""


@pytest.mark.parametrize(("name", "more"), [("conditions", 1), ("sharing", 2), ("distinct", 1)])
def test_past_the_limit_the_engine_fails_or_hangs(name: str, more: int) -> None:
    # if this ever passes, durable-rules has grown and the limits can too
    def run(more: int, patience: float) -> int:
        arguments = [sys.executable, "-c", BEYOND, name, str(more)]
        return subprocess.run(arguments, cwd=ROOT, capture_output=True, timeout=patience, check=False).returncode

    started = time.monotonic()
    assert run(0, PATIENCE) == 0
    allowed = time.monotonic() - started
    with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs
        assert run(more, 2 + rounds(10, 3) * allowed) != 0


def test_alternatives_are_counted_over_all_rules() -> None:
    many = [advising(f"r{n}", *((f"finding:f{m}",) for m in range(n % 5, 500, 5)), line=n + 1) for n in range(41)]
    assert [place(p)[1] for p in limits.check(many) if "4095" in message_of(p)] == [41]


def test_the_engine_itself_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(KnowledgeError, match="joins 17 conditions"):
        DurableEngine([advising("r", tuple(f"finding:f{n}" for n in range(17)))])


def test_facts_that_the_engine_cannot_tell_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = "finding:obeijigog", "finding:ikbccmefo"
    assert limits.engine_hash(one) == limits.engine_hash(other)
    rules = [advising("r", (one,)), advising("s", (other,), line=7)]
    # the engine takes the second fact for the first, and its rule never fires
    monkeypatch.setattr(limits, "require", lambda rules: None)
    assert [name for name, _ in fired(DurableEngine(rules), [one, other])] == ["r"]
    (problem,) = limits.check(rules)
    assert place(problem) == ("rules.yaml", 7)
    assert message_of(problem).startswith(f"the engine cannot tell {other!r} from {one!r}")
