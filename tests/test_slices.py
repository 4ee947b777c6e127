"""Slices: what is composed from looked-up parts is, byte for byte, what evaluating the whole case gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Any

import msgspec
import oracle
import pytest
from builders import (
    answered,
    answers,
    bits,
    concludes,
    engine,
    fired,
    numeric_tests,
    patterns,
    rule,
    shown_by,
    slices,
    target,
    verb,
    with_more_rules,
)
from sizes import rounds

import advisor
from advisor.batch.decoders import Case
from advisor.batch.encoders import CompactAdvice, CompactLines, FullLines
from advisor.batch.fragments import Fragments
from advisor.batch.stated import Stated
from advisor.engine.firings import Firing
from advisor.model.answers import Answers
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning.slices import Slices


@pytest.fixture(scope="module")
def sliced(knowledge: Knowledge) -> Slices:
    return slices(knowledge)


class Composer:
    """Composes results from fragments, as a batch does."""

    def __init__(self, sliced: Slices, encoder: type[FullLines | CompactLines] = FullLines) -> None:
        self._slices = sliced
        self._encoder = encoder(sliced.knowledge)
        self._fragments = Fragments(sliced, self._encoder.parts)

    def __call__(self, given: Answers) -> bytes:
        stated = Stated(self._slices.knowledge).of(given.given)
        case = Case(given.case, given.given, self._slices.case(given), stated)
        self._encoder.add(case, self._fragments.of(case))
        return self._encoder.take()


def test_random_cases_are_composed_as_they_are_advised(
    advising: advisor.Advisor, knowledge: Knowledge, sliced: Slices
) -> None:
    rng = random.Random(11)
    composed = Composer(sliced)
    for number in range(rounds(6_000, 600)):
        answers = answered(oracle.random_answers(rng), knowledge, case=f'nº {number} "quoted"')
        assert composed(answers) == advisor.to_json(advising.advise(answers)) + b"\n"


def conclusions(sliced: Slices) -> dict[str, int]:
    """The slice of each thing that can be concluded."""
    concluding: dict[str, list[Rule]] = {}
    for one in sliced.knowledge.rules:
        what = f"nutrient {target(one)}" if verb(one) == "support" else concludes(one)
        concluding.setdefault(what, []).append(one)
    for nutrient in sliced.knowledge.nutrient:
        concluding[f"nutrient {nutrient}"] = list(sliced.rules(["suggested", "supports"], nutrient))
    return {name: sliced.of(rules) for name, rules in concluding.items()}


def test_every_pattern_of_every_slice_is_composed_as_it_is_advised(advising: advisor.Advisor, sliced: Slices) -> None:
    composed = Composer(sliced)
    tried = set()
    for slice_ in conclusions(sliced).values():
        for pattern in patterns(sliced, slice_):
            if pattern not in tried:
                tried.add(pattern)
                answers = sliced.answers(pattern, slice_)
                assert sliced.case(answers) & slice_ == pattern
                assert composed(answers) == advisor.to_json(advising.advise(answers)) + b"\n"
    assert len(tried) > 1_000


@pytest.mark.parametrize("name", ["calcium", "magnesium", "vitamin_k2"])
def test_patterns_are_just_those_that_some_answers_show(name: str, knowledge: Knowledge, sliced: Slices) -> None:
    """Held against all answers to the findings of the slice, and to some more that imply one of them."""
    slice_ = sliced.of(sliced.rules(["suggested", "supports", "caution"], name))
    held = shown_by(sliced, slice_)
    findings = {fact.removeprefix("finding:") for fact in held if "confirmed:" not in fact and ">=" not in fact}
    named = sorted(findings | {"cramps_after_fluid_loss", "cramps_persist"})
    shown = set()
    for said in product((True, False), repeat=len(named)):
        for age in (64, 65):  # an age of 64 passes no test, as no answer does
            given = dict(zip(named, said, strict=True))
            shown.add(sliced.case(answers({**given, "age": age})) & slice_)
    confirmed = sum(bit for fact, bit in bits(sliced).items() if fact.startswith("confirmed") and bit & slice_)
    assert {pattern & ~confirmed for pattern in patterns(sliced, slice_)} == shown
    sizes = [len(sliced.answers(pattern, slice_).given) for pattern in patterns(sliced, slice_)]
    assert sizes == sorted(sizes)


def test_the_compact_form_says_the_same_without_texts(
    advising: advisor.Advisor, knowledge: Knowledge, sliced: Slices
) -> None:
    rng = random.Random(12)
    composed = Composer(sliced, CompactLines)
    for _ in range(rounds(1_000, 200)):
        answers = answered(oracle.random_answers(rng), knowledge)
        compact = msgspec.json.decode(composed(answers), type=CompactAdvice)
        full = advising.advise(answers)
        assert (compact.case, compact.knowledge, compact.care.level) == (full.case, full.knowledge, full.care.level)
        assert [(n.id, n.support, n.matched, n.evidence) for n in compact.nutrients] == [
            (n.id, n.support, n.matched, n.evidence.status) for n in full.nutrients
        ]
        for name in ("advice", "cautions", "disclaimers"):
            assert list(getattr(compact, name)) == [item.id for item in getattr(full, name)]
        assert list(compact.care.items) == [item.id for item in full.care.items]


def test_a_conclusion_depends_on_few_findings(sliced: Slices) -> None:
    """As the contract's table says: what reaches calcium, through derived facts as well."""
    calcium = shown_by(sliced, conclusions(sliced)["nutrient calcium"])
    assert set(calcium) == {
        "finding:muscle_cramps", "finding:brittle_nails", "finding:dry_skin", "finding:dehydration",
        "finding:rarely_eats_dairy", "finding:rarely_eats_leafy_greens", "finding:low_sunlight",
        "finding:rarely_eats_oily_fish", "confirmed:calcium",
    }  # fmt: skip
    widths = {name: slice_.bit_count() for name, slice_ in conclusions(sliced).items()}
    assert max(widths.values()) == 9
    assert sum(width < 9 for width in widths.values()) > len(widths) * 0.9


def test_no_fact_outside_its_slice_changes_a_conclusion(knowledge: Knowledge, sliced: Slices) -> None:
    """Checked on the engine alone, with random cases that agree on the slice and on nothing else."""
    running = engine(knowledge)
    rng = random.Random(13)
    everything = sum(bits(sliced).values())
    for one in knowledge.rules:
        slice_ = sliced.of([one])
        for _ in range(rounds(20, 5)):
            case = rng.getrandbits(len(bits(sliced))) & everything
            whole = [premises for name, premises in fired(running, shown_by(sliced, case)) if name == one.id]
            part = [premises for name, premises in fired(running, shown_by(sliced, case & slice_)) if name == one.id]
            assert whole == part, one.id


def test_the_engine_is_asked_each_pattern_once(knowledge: Knowledge) -> None:
    running = engine(knowledge)
    asked: Counter[frozenset[Any]] = Counter()

    def fire(facts: Iterable[Any]) -> tuple[Firing, ...]:
        asked[frozenset(facts)] += 1
        return running.fire(facts)

    sliced = slices(knowledge, fire)
    composed = Composer(sliced)
    rng = random.Random(14)
    for _ in range(3000):
        composed(answered(oracle.random_answers(rng), knowledge))
    assert set(asked.values()) == {1}
    assert len(asked) < 1500


@pytest.mark.parametrize(("widest", "entries"), [(0, 3), (3, 1), (30, 5)])
def test_wide_slices_and_full_tables_cost_time_and_nothing_else(
    widest: int, entries: int, advising: advisor.Advisor, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.reasoning.slices.WIDEST", widest)
    monkeypatch.setattr("advisor.reasoning.slices.MOST_ENTRIES", entries)
    sliced = slices(knowledge)
    composed = Composer(sliced)
    rng = random.Random(15)
    for _ in range(rounds(100, 40)):
        answers = answered(oracle.random_answers(rng), knowledge)
        assert composed(answers) == advisor.to_json(advising.advise(answers)) + b"\n"


def with_age_rules(knowledge: Knowledge) -> Knowledge:
    """The knowledge with a rule for people of fifty to eighty, and one for those under eighteen."""
    return with_more_rules(
        knowledge,
        rule("fifty_to_eighty", "advise", "hydrate", ("finding:age>=50", "finding:age<=80", "finding:fatigue")),
        rule("young", "advise", "hydrate", ("finding:age<18",)),
    )


def test_patterns_of_numbers_are_just_those_that_some_number_shows(knowledge: Knowledge) -> None:
    aged = with_age_rules(knowledge)
    sliced = slices(aged)
    slice_ = sliced.of([one for one in aged.rules if target(one) == "hydrate"])
    slice_ |= bits(sliced)["finding:age>=65"]
    tests = numeric_tests("finding:age>=50", "finding:age<=80", "finding:age<18", "finding:age>=65")
    shown: set[frozenset[str]] = {frozenset()}
    shown |= {frozenset(str(t) for t in tests if t.holds_for(age)) for age in range(121)}
    found = {
        frozenset(fact for fact in shown_by(sliced, pattern) if fact.startswith("finding:age"))
        for pattern in patterns(sliced, slice_)
    }
    assert found == shown
    advising = advisor.Advisor(aged)
    composed = Composer(sliced)
    for pattern in patterns(sliced, slice_):
        answers = sliced.answers(pattern, slice_)
        assert composed(answers) == advisor.to_json(advising.advise(answers)) + b"\n"
    impossible = bits(sliced)["finding:age<18"] | bits(sliced)["finding:age>=65"]
    with pytest.raises(ValueError, match="no age passes"):
        sliced.answers(impossible, slice_)
