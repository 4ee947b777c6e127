"""Slices: the few reported facts that each conclusion depends on, so that nothing is worked out twice.

A conclusion depends on the facts that can reach it through the rules, its *slice*. Which of them a case reports is a
*pattern*. Two cases with the same pattern agree on that part of the advice and of its trace, so that part is made once
and looked up from then on. The engine evaluates every pattern, each once; `advisor.reasoning.advice` puts what follows
into the words of the knowledge. No input or output here.

Facts that can be reported have a bit each, so that a case, a slice and a pattern are all plain integers. A worked
example, with two rules and four facts that can be reported:

    muscle_cramps, poor_diet -> suggested:vitamin_b6      0b0001 muscle_cramps    0b0010 poor_diet
    fatigue                  -> suggested:potassium       0b0100 fatigue          0b1000 age>=65

    slice of vitamin B6         0b0011
    a case: cramps, fatigue     0b0101
    its pattern in that slice   0b0101 & 0b0011 = 0b0001, the same as that of everyone with cramps and no poor diet
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, Generic, TypeVar

from advisor.engine.firings import Engine, Firing
from advisor.model.answers import Answers
from advisor.model.facts import Concluded, ConclusionKind, Fact, FactKind, reported
from advisor.model.knowledge import Answer, Knowledge, Rule
from advisor.reasoning.advice import Advice, advise

MOST_ENTRIES: Final = 20_000  # of one table: what rules of wider slices may cost in memory
WIDEST: Final = 14  # bits of a slice; the patterns of a wider one would hardly ever come again

T = TypeVar("T")


class Table(dict[int, T], Generic[T]):
    """What was made for each pattern of a slice, made on first use: `table[case & table.slice]`."""

    def __init__(self, slice_: int, make: Callable[[int], T], recurring: bool = True) -> None:
        """Begin a table; where patterns are not `recurring`, nothing is kept."""
        super().__init__()
        self.slice = slice_
        self._make, self._recurring = make, recurring

    def __missing__(self, pattern: int) -> T:
        made = self._make(pattern)
        if not self._recurring:
            return made
        if len(self) >= MOST_ENTRIES:
            self.clear()
        self[pattern] = made
        return made


class Slices:
    """The slices of one rule base."""

    def __init__(self, knowledge: Knowledge, engine: Engine) -> None:
        """Work out the slices. The engine is asked only later, and once for each pattern."""
        self.knowledge = knowledge
        self.bits: Final = {fact: 1 << place for place, fact in enumerate(knowledge.reported_by)}
        # what else is reported with each fact, because of what the words mean
        self._implied = {
            self.bits[fact]: union(self.bits.get(reported(name), 0) for name in knowledge.implied[fact.id])
            for fact in self.bits
            if fact.kind == "finding" and not fact.is_test and knowledge.implied[fact.id]
        }
        self._concluding: dict[Concluded, list[Rule]] = {}
        reaching: dict[Fact, int] = dict(self.bits)
        self._slice: dict[str, int] = {}  # by rule
        for rule in knowledge.rules:  # premises come first
            slice_ = self._slice[rule.id] = union(reaching.get(fact, 0) for fact in rule.premises)
            self._concluding.setdefault(rule.concludes, []).append(rule)
            if isinstance(rule.concludes, Fact):
                reaching[rule.concludes] = reaching.get(rule.concludes, 0) | slice_
        self._fire = engine.fire
        self._latest: tuple[int, dict[str, list[Firing]]] = (-1, {})
        self._firings: Table[dict[str, list[Firing]]] = Table(
            union(self.bits.values()), lambda pattern: _by_rule(self._fire(self.facts(pattern)))
        )

    def case(self, answers: Answers) -> int:
        """Return which facts the answers report, in so many words or by implication, as far as any rule uses them."""
        return union(self.bits.get(fact, 0) for fact in answers.facts(self.knowledge))

    def concluding(self, concluded: Concluded) -> tuple[Rule, ...]:
        """Return the rules that conclude something, in firing order."""
        return tuple(self._concluding.get(concluded, ()))

    def facts(self, pattern: int) -> tuple[Fact, ...]:
        """Return the facts of a pattern."""
        return tuple(fact for fact, bit in self.bits.items() if pattern & bit)

    def implied(self, pattern: int) -> int:
        """Return what the facts of a pattern imply, whether or not the pattern has it."""
        return union(implied for bit, implied in self._implied.items() if pattern & bit)

    def closed(self, pattern: int) -> int:
        """Return a pattern with everything that its facts imply."""
        return pattern | self.implied(pattern)

    def answers(self, pattern: int, slice_: int) -> Answers:
        """Return the fewest answers that show this pattern in this slice.

        A number is the smallest that passes just the tests it should. Raises ValueError where none does: no case shows
        such a pattern.
        """
        given: dict[str, Answer] = {}
        named: list[Fact] = []
        for fact in self.facts(pattern & ~self.implied(pattern)):
            if fact.kind == "confirmed":
                named.append(fact)
            elif not fact.is_test:
                given[fact.id] = True
            elif fact.id not in given:
                given[fact.id] = self._number(fact.id, pattern, slice_)
        if named:
            confirmed = {fact.id for fact in named}
            given[self.knowledge.reported_by[named[0]]] = tuple(
                nutrient for nutrient in self.knowledge.nutrient if nutrient in confirmed
            )
        return Answers("", {finding: given[finding] for finding in self.knowledge.finding if finding in given})

    def _number(self, finding: str, pattern: int, slice_: int) -> int:
        tests = [(test, self.bits[test]) for test in self.knowledge.tests if test.id == finding]
        for number in self.knowledge.telling_numbers(finding):
            if all(test.holds_for(number) == bool(pattern & bit) for test, bit in tests if slice_ & bit):
                return number
        raise ValueError(f"no {finding} passes just the tests of this pattern")

    def of(self, rules: Iterable[Rule]) -> int:
        """Return the slice of what these rules conclude between them."""
        return union(self._slice[rule.id] for rule in rules)

    def rules(self, kinds: Collection[FactKind | ConclusionKind], target: str | None = None) -> tuple[Rule, ...]:
        """Return the rules whose conclusions are of these kinds (of one target, or any), and the derivations behind."""
        found = {
            rule.id: rule
            for rule in self.knowledge.rules
            if rule.concludes.kind in kinds and target in (None, rule.concludes.id)
        }
        waiting = list(found.values())
        while waiting:
            for fact in waiting.pop().premises:
                for behind in self._concluding.get(fact, ()):
                    if behind.verb == "derive" and behind.id not in found:
                        found[behind.id] = behind
                        waiting.append(behind)
        return tuple(rule for rule in self.knowledge.rules if rule.id in found)

    def firings(self, rules: Iterable[Rule], case: int) -> tuple[Firing, ...]:
        """Return the firings of these rules in a case, in the order of the rules given."""
        fired: list[Firing] = []
        for rule in rules:
            slice_ = self._slice[rule.id]
            narrow = slice_.bit_count() <= WIDEST
            found = self._firings[case & slice_] if narrow else self._whole(case)
            fired.extend(found.get(rule.id, ()))
        return tuple(fired)

    def _whole(self, case: int) -> dict[str, list[Firing]]:
        """Return the firings of a whole case, for rules whose patterns hardly ever come again."""
        if case != self._latest[0]:
            self._latest = case, _by_rule(self._fire(self.facts(case)))
        return self._latest[1]

    def table(self, rules: Collection[Rule], make: Callable[[Advice], T]) -> Table[T]:
        """Return a table of what `make` makes of the advice that these rules alone give.

        Its slice is that of the rules. `make` is to use only what these rules conclude.
        """
        slice_ = self.of(rules)
        recurring = slice_.bit_count() <= WIDEST
        if not recurring:  # one evaluation of the whole case serves all such tables
            slice_ = union(self.bits.values())

        def made(pattern: int) -> T:
            return make(advise(self.knowledge, self.answers(pattern, slice_), self.firings(rules, pattern)))

        return Table(slice_, made, recurring)

    def grouped(self, sets: Iterable[Sequence[Rule]], widest: int = 6) -> Iterator[list[Rule]]:
        """Join sets of rules, in their order, as long as their slice has at most `widest` facts."""
        group: list[Rule] = []
        for rules in sets:
            if group and self.of([*group, *rules]).bit_count() > widest:
                yield group
                group = []
            group += (rule for rule in rules if rule not in group)
        if group:
            yield group


def _by_rule(firings: Iterable[Firing]) -> dict[str, list[Firing]]:
    return {name: list(fired) for name, fired in groupby(firings, key=lambda firing: firing.rule.id)}


def union(bits: Iterable[int]) -> int:
    """Return all bits of some patterns."""
    together = 0
    for bit in bits:
        together |= bit
    return together
