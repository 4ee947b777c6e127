"""The engine fires exactly what follows, whatever the rules; loses nothing; and survives what breaks durable-rules."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import oracle
import pytest
from builders import (
    ROOT,
    EngineError,
    alternatives,
    answered,
    answers,
    fired,
    fired_for,
    numeric_tests,
    rule,
    target,
    verb,
    with_rules,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sizes import rounds

import advisor
from advisor.engine.durable import DurableEngine, import_durable
from advisor.model.knowledge import Knowledge, Rule

durable_engine = import_durable()


def naive(
    rules: tuple[Rule, ...], given: dict[str, object], implies: dict[str, tuple[str, ...]] = oracle.IMPLIES
) -> set[tuple[str, tuple[str, ...]]]:
    """Firings by the oracle: each alternative becomes a clause whose target tells the rule."""
    firings = set()
    clauses = {r.id: [oracle.Clause(verb(r), target(r), premises) for premises in alternatives(r)] for r in rules}
    outcome = oracle.evaluate([clause for some in clauses.values() for clause in some], given, implies)
    for name, some in clauses.items():
        firings |= {(name, clause.premises) for clause in some if clause in outcome.fired}
    return firings


def test_firings_agree_with_a_naive_fixpoint_for_random_people(advising: advisor.Advisor, knowledge: Knowledge) -> None:
    engine = DurableEngine(knowledge.rules)
    order = [(r.id, premises) for r in knowledge.rules for premises in alternatives(r)]
    rng = random.Random(5)
    for _ in range(rounds(5_000, 500)):
        given = oracle.random_answers(rng)
        firings = fired_for(engine, answered(given, knowledge), knowledge)
        assert set(firings) == naive(knowledge.rules, given), given
        assert firings == sorted(firings, key=order.index)  # each once, in the one fixed order


FACTS = [f"finding:{name}" for name in oracle.SYMPTOMS[:6]] + ["derived:a", "derived:b", "suggested:calcium"]
TARGETS = [("derive", "derived:a"), ("derive", "derived:b"), ("derive", f"finding:{oracle.SYMPTOMS[0]}")] + [
    ("suggest", "calcium"),
    ("support", "calcium"),
    ("advise", "hydrate"),
]


@settings(max_examples=rounds(150, 50))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TARGETS),
            st.lists(st.lists(st.sampled_from(FACTS), min_size=1, max_size=4, unique=True).map(tuple), min_size=1,
                     max_size=3, unique=True),
        ),
        min_size=1, max_size=8,
    ),
    st.lists(st.sets(st.sampled_from(oracle.SYMPTOMS[:6])), min_size=1, max_size=4),
)  # fmt: skip
def test_any_rule_base_fires_as_a_naive_fixpoint_says(drawn: Any, cases: list[set[str]]) -> None:
    rules = tuple(rule(f"r{i}", verb, target, *some) for i, ((verb, target), some) in enumerate(drawn))
    engine = DurableEngine(rules)
    for case in cases:
        held = [f"finding:{name}" for name in sorted(case)]
        assert set(fired(engine, held)) == naive(rules, dict.fromkeys(case, True), implies={})


@pytest.mark.parametrize(("test", "holds"), [(">=", "65 66 120"), (">", "66 120"), ("<=", "0 64 65"), ("<", "0 64")])
def test_numbers_are_compared_as_written(test: str, holds: str) -> None:
    (fact,) = numeric_tests(f"finding:age{test}65")
    passing = [str(age) for age in (0, 64, 65, 66, 120) if fact.holds_for(age)]
    assert passing == holds.split()


def test_a_rule_may_ask_for_a_range(knowledge: Knowledge) -> None:
    # within the engine, one message with the number could not fill both places, and the rule would never fire
    ranged = with_rules(
        knowledge, rule("r", "advise", "hydrate", ("finding:age>=50", "finding:fatigue", "finding:age<=80"))
    )
    running = DurableEngine(ranged.rules)
    ages = [age for age in range(121) if fired_for(running, answers({"fatigue": True, "age": age}), ranged)]
    assert ages == list(range(50, 81))


def test_a_case_leaves_nothing_behind_for_the_next(knowledge: Knowledge) -> None:
    engine = DurableEngine(knowledge.rules)
    facts = [f"finding:{name}" for name in oracle.SYMPTOMS]
    full = fired(engine, facts)
    assert full
    assert fired(engine, []) == []
    assert fired(engine, facts) == full


def test_an_interrupted_case_leaves_nothing_behind_either(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = DurableEngine(knowledge.rules)
    expected = fired(engine, ["finding:toxic_or_infected_exposure"])

    def interrupted(self: object, name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(durable_engine.Ruleset, "delete_state", interrupted)
        for _ in range(1_100):  # more than the states a ruleset holds
            with pytest.raises(KeyboardInterrupt):
                fired(engine, ["finding:muscle_cramps"])
    assert fired(engine, ["finding:toxic_or_infected_exposure"]) == expected


MEMORY = """
import random, sys
sys.path.insert(0, "tests")
import oracle, advisor
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4
advising = advisor.load()
rng = random.Random(3)
people = [oracle.random_answers(rng) for _ in range(500)]
number = int(sys.argv[1])
for case in range(number):
    advising.advise(people[case % 500])
    if case in (2_000, number - 1):
        print(resident())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads resident memory from /proc")
def test_thousands_of_cases_in_one_process_leave_memory_flat() -> None:
    number = rounds(20_000, 4_000)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(number)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    early, late = map(int, done.stdout.split())
    assert late - early < 2_048, f"{late - early} KiB more after {number} cases than after 2,000"


def test_an_action_the_engine_drops_is_evaluated_again(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    # durable-rules gives up an action, and all behind it, when its clock says that it took over ten seconds
    engine = DurableEngine(knowledge.rules)
    facts = [f"finding:{name}" for name in oracle.SYMPTOMS]
    undisturbed = fired(engine, facts)
    for dropped in (0, 2, 8, 20):  # the clock is read twice an action
        ticks = iter([0.0] * dropped + [0.0, 1_000.0])
        clock = lambda ticks=ticks: next(ticks, 2_000.0)  # noqa: E731
        monkeypatch.setattr(durable_engine, "_unix_now", clock)
        assert fired(engine, facts) == undisturbed
        assert next(ticks, None) is None  # the clock did jump


def test_a_case_the_engine_drops_every_time_is_an_error_and_not_a_result(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = DurableEngine(knowledge.rules)
    times = iter(range(0, 10**9, 1_000))
    monkeypatch.setattr(durable_engine, "_unix_now", lambda: next(times))
    with pytest.raises(EngineError, match="dropped"):
        fired(engine, ["finding:fatigue"])
    monkeypatch.undo()
    assert fired(engine, ["finding:fatigue"])


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError])
def test_an_exception_inside_an_action_reaches_the_caller(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    engine = DurableEngine(knowledge.rules)

    def failing(self: object, message: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(durable_engine.Closure, "assert_fact", failing)
        with pytest.raises(error):
            fired(engine, ["finding:muscle_cramps"])
    assert fired(engine, ["finding:fatigue"])


def test_an_exception_the_engine_swallowed_is_reported(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DurableEngine(knowledge.rules)
    run = durable_engine.Promise.run

    def interrupted(self: Any, closure: Any, complete: Any) -> Any:
        closure.s.exception = "exception caught"
        return run(self, closure, complete)

    monkeypatch.setattr(durable_engine.Promise, "run", interrupted)
    with pytest.raises(EngineError, match="exception caught"):
        fired(engine, ["finding:fatigue"])


def test_many_interrupted_cases_do_not_crash_the_engine(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DurableEngine(knowledge.rules)

    def failing(self: object, message: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(durable_engine.Closure, "assert_fact", failing)
        for _ in range(rounds(2_000, 200)):
            with pytest.raises(KeyboardInterrupt):
                fired(engine, ["finding:fatigue"])
    assert len(fired(engine, ["finding:fatigue"])) == 2


def test_without_durable_rules_the_error_names_the_remedy() -> None:
    script = "import sys; sys.modules['durable.engine'] = None; import advisor; advisor.load().advise(['fatigue'])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "C compiler" in done.stderr
    assert "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject pip install" in done.stderr


def test_only_the_engine_imports_durable_rules() -> None:
    users = [path.name for path in (ROOT / "advisor").rglob("*.py") if "import durable" in path.read_text("utf-8")]
    assert users == ["durable.py"]
