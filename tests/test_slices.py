"""Slices: what is composed from looked-up parts is, byte for byte, what evaluating the whole case gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import msgspec
import oracle
import pytest

import advisor
from advisor.batch.decoders import Case
from advisor.batch.encoders import CompactAdvice, CompactLines, FullLines
from advisor.engine.durable import Engine, Firing
from advisor.model.answers import Answers
from advisor.model.facts import Fact
from advisor.model.knowledge import Knowledge, Rule
from advisor.reasoning import slices
from advisor.reasoning.slices import Slices
from advisor.source.symptom_file import of


@pytest.fixture(scope="module")
def sliced(knowledge: Knowledge) -> Slices:
    return Slices(knowledge, Engine(knowledge.rules).fire)


def composed(form: FullLines | CompactLines, sliced: Slices, answers: Answers) -> bytes:
    form.add(Case(answers.case, answers.given, sliced.case(answers)), ())
    return form.take()


def test_six_thousand_random_cases_are_composed_as_they_are_advised(
    advising: advisor.Advisor, knowledge: Knowledge, sliced: Slices
) -> None:
    rng = random.Random(11)
    form = FullLines(sliced)
    for number in range(6000):
        answers = of(oracle.random_answers(rng), knowledge, case=f'nº {number} "quoted"')
        assert composed(form, sliced, answers) == advisor.to_json(advising.advise(answers)) + b"\n"


def conclusions(sliced: Slices) -> dict[str, int]:
    """The slice of each thing that can be concluded."""
    concluding: dict[str, list[Rule]] = {}
    for rule in sliced.knowledge.rules:
        concluding.setdefault("nutrient " + rule.target if rule.verb == "support" else rule.concludes, []).append(rule)
    for nutrient in sliced.knowledge.nutrient:
        concluding[f"nutrient {nutrient}"] = list(sliced.rules(["suggest", "support"], nutrient))
    return {name: sliced.of(rules) for name, rules in concluding.items()}


def test_every_pattern_of_every_slice_is_composed_as_it_is_advised(advising: advisor.Advisor, sliced: Slices) -> None:
    form = FullLines(sliced)
    tried = set()
    for slice_ in conclusions(sliced).values():
        for pattern in sliced.patterns(slice_):
            if pattern not in tried:
                tried.add(pattern)
                answers = sliced.answers(pattern, slice_)
                assert sliced.case(answers) & slice_ == pattern
                assert composed(form, sliced, answers) == advisor.to_json(advising.advise(answers)) + b"\n"
    assert len(tried) > 2000


def test_the_compact_form_says_the_same_without_texts(
    advising: advisor.Advisor, knowledge: Knowledge, sliced: Slices
) -> None:
    rng = random.Random(12)
    form = CompactLines(sliced)
    for _ in range(1000):
        answers = of(oracle.random_answers(rng), knowledge)
        compact = msgspec.json.decode(composed(form, sliced, answers), type=CompactAdvice)
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
    calcium = sliced.facts(conclusions(sliced)["nutrient calcium"])
    assert set(calcium) == {
        "finding:muscle_cramps", "finding:cramps_at_night", "finding:brittle_nails", "finding:dry_skin",
        "finding:dehydration", "finding:rarely_eats_dairy", "finding:rarely_eats_leafy_greens",
        "finding:low_sunlight", "finding:rarely_eats_oily_fish", "confirmed:calcium",
    }  # fmt: skip
    widths = {name: slice_.bit_count() for name, slice_ in conclusions(sliced).items()}
    assert max(widths.values()) == 10
    assert sum(width < 9 for width in widths.values()) > len(widths) * 0.9


def test_no_fact_outside_its_slice_changes_a_conclusion(knowledge: Knowledge, sliced: Slices) -> None:
    """Checked on the engine alone, with random cases that agree on the slice and on nothing else."""
    engine = Engine(knowledge.rules)
    rng = random.Random(13)
    everything = sum(sliced.bits.values())
    for rule in knowledge.rules:
        slice_ = sliced.of([rule])
        for _ in range(20):
            case = rng.getrandbits(len(sliced.bits)) & everything
            whole = [f.because for f in engine.fire(sliced.facts(case)) if f.rule is rule]
            part = [f.because for f in engine.fire(sliced.facts(case & slice_)) if f.rule is rule]
            assert whole == part, rule.id


def test_the_engine_is_asked_each_pattern_once(knowledge: Knowledge) -> None:
    engine = Engine(knowledge.rules)
    asked: Counter[frozenset[str]] = Counter()

    def fire(facts: Iterable[str]) -> tuple[Firing, ...]:
        asked[frozenset(facts)] += 1
        return engine.fire(facts)

    sliced = Slices(knowledge, fire)
    form = FullLines(sliced)
    rng = random.Random(14)
    for _ in range(3000):
        composed(form, sliced, of(oracle.random_answers(rng), knowledge))
    assert set(asked.values()) == {1}
    assert len(asked) < 1500


@pytest.mark.parametrize(("widest", "entries"), [(0, 3), (3, 1), (30, 5)])
def test_wide_slices_and_full_tables_cost_time_and_nothing_else(
    widest: int, entries: int, advising: advisor.Advisor, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "WIDEST", widest)
    monkeypatch.setattr(slices, "MOST_ENTRIES", entries)
    sliced = Slices(knowledge, Engine(knowledge.rules).fire)
    form = FullLines(sliced)
    rng = random.Random(15)
    for _ in range(100):
        answers = of(oracle.random_answers(rng), knowledge)
        assert composed(form, sliced, answers) == advisor.to_json(advising.advise(answers)) + b"\n"


def with_age_rules(knowledge: Knowledge) -> Knowledge:
    """The knowledge with a rule for people of fifty to eighty, and one for those under eighteen."""
    rules = [
        Rule(name, "advise", "hydrate", (facts,), "Because.", "interpreted", (), (), "test:1")
        for name, facts in {
            "fifty_to_eighty": ("finding:age>=50", "finding:age<=80", "finding:fatigue"),
            "young": ("finding:age<18",),
        }.items()
    ]
    return msgspec.structs.replace(knowledge, rules=(*knowledge.rules, *rules))


def test_patterns_of_numbers_are_just_those_that_some_number_shows(knowledge: Knowledge) -> None:
    aged = with_age_rules(knowledge)
    sliced = Slices(aged, Engine(aged.rules).fire)
    slice_ = sliced.of([rule for rule in aged.rules if rule.target == "hydrate"])
    slice_ |= sliced.bits["finding:age>=65"]
    tests = [Fact("finding", "age", *test) for test in ((">=", 50), ("<=", 80), ("<", 18), (">=", 65))]
    shown = {frozenset(str(t) for t in tests if t.holds_for(age)) for age in range(121)} | {frozenset()}
    found = {
        frozenset(fact for fact in sliced.facts(pattern) if fact.startswith("finding:age"))
        for pattern in sliced.patterns(slice_)
    }
    assert found == shown
    advising = advisor.Advisor(aged)
    form = FullLines(sliced)
    for pattern in sliced.patterns(slice_):
        answers = sliced.answers(pattern, slice_)
        assert composed(form, sliced, answers) == advisor.to_json(advising.advise(answers)) + b"\n"
    impossible = sliced.bits["finding:age<18"] | sliced.bits["finding:age>=65"]
    with pytest.raises(ValueError, match="no age passes"):
        sliced.answers(impossible, slice_)
