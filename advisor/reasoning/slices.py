"""Slices: the few answers that each conclusion depends on, so that none of them has to be worked out twice.

A conclusion depends on the facts that can reach it through the rules, its *slice*; which of them were reported is a
*pattern*. Two cases with the same pattern agree on that part of the advice and of its trace, so that part is made once
and looked up ever after. The rule engine stays the only thing that evaluates rules, and no pattern is put to it twice;
`advisor.advice` stays the only thing that words advice. No input or output here.

Facts that can be reported have a bit each, so that a case, a slice and a pattern are all plain integers:
`pattern = case & slice`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, Generic, TypeVar

from advisor.engine.durable import Firing
from advisor.model import facts
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Knowledge, Rule, Verb
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

    def __init__(self, knowledge: Knowledge, fire: Callable[[Iterable[str]], Sequence[Firing]]) -> None:
        """Work out the slices; `fire` is the rule engine, asked only later, and once for each pattern."""
        self.knowledge = knowledge
        self.bits: Final = {fact: 1 << place for place, fact in enumerate(knowledge.reported_by)}
        self._parsed = {fact: parsed for fact in self.bits if (parsed := facts.parse(fact))}
        self._concluding: dict[str, list[Rule]] = {}
        for rule in knowledge.rules:
            self._concluding.setdefault(rule.concludes, []).append(rule)
        reaching: dict[str, int] = dict(self.bits)  # by fact
        self._slice: dict[str, int] = {}  # by rule
        for rule in knowledge.rules:  # premises come first
            used = {fact for alternative in rule.alternatives for fact in alternative}
            self._slice[rule.id] = _union(reaching.get(fact, 0) for fact in used)
            reaching[rule.concludes] = reaching.get(rule.concludes, 0) | self._slice[rule.id]
        self._fire = fire
        self._latest: tuple[int, dict[str, list[Firing]]] = (-1, {})
        self._firings: Table[dict[str, list[Firing]]] = Table(
            _union(self.bits.values()), lambda pattern: _by_rule(fire(self.facts(pattern)))
        )

    def case(self, answers: Answers) -> int:
        """Return which facts the answers report, as far as any rule uses them."""
        return _union(self.bits.get(fact, 0) for fact in answers.facts(self.knowledge.tests))

    def facts(self, pattern: int) -> tuple[str, ...]:
        """Return the facts of a pattern."""
        return tuple(fact for fact, bit in self.bits.items() if pattern & bit)

    def answers(self, pattern: int, slice_: int) -> Answers:
        """Return the fewest answers that show this pattern in this slice.

        A number is the smallest that passes just the tests it should. Raises ValueError where none does: no case shows
        such a pattern.
        """
        given: dict[str, Answer] = {}
        named: list[str] = []
        for fact, bit in self.bits.items():
            if pattern & bit:
                parsed = self._parsed[fact]
                if parsed.kind == "confirmed":
                    named.append(parsed.name)
                elif not parsed.comparison:
                    given[parsed.name] = True
                elif parsed.name not in given:
                    given[parsed.name] = self._number(parsed.name, pattern, slice_)
        if named:
            finding = self.knowledge.reported_by[f"confirmed:{named[0]}"]
            given[finding] = tuple(nutrient for nutrient in self.knowledge.nutrient if nutrient in named)
        return Answers("", {finding: given[finding] for finding in self.knowledge.finding if finding in given})

    def _number(self, finding: str, pattern: int, slice_: int) -> int:
        tests = [(test, self.bits[str(test)]) for test in self.knowledge.tests if test.name == finding]
        for number in self._numbers(finding):
            if all(test.holds_for(number) == bool(pattern & bit) for test, bit in tests if slice_ & bit):
                return number
        raise ValueError(f"no {finding} passes just the tests of this pattern")

    def _numbers(self, finding: str) -> list[int]:
        return self.knowledge.telling_numbers(finding)

    def patterns(self, slice_: int) -> Iterator[int]:
        """Yield every pattern of a slice that answers can show, those of fewer facts first.

        Among patterns of as many facts, those with facts earlier in the rules come first.
        """
        bits = [bit for bit in self.bits.values() if slice_ & bit]
        possible = {0}  # what answers show of the numeric tests; no number at all passes none
        for finding in dict.fromkeys(test.name for test in self.knowledge.tests):
            tests = [(test, self.bits[str(test)]) for test in self.knowledge.tests if test.name == finding]
            passed = {_union(b for t, b in tests if t.holds_for(n)) & slice_ for n in self._numbers(finding)} | {0}
            possible = {one | other for one in possible for other in passed}
        tested = _union(self.bits[str(test)] for test in self.knowledge.tests) & slice_
        combined = (_union(bit for place, bit in enumerate(bits) if n >> place & 1) for n in range(1 << len(bits)))
        shown = (pattern for pattern in combined if pattern & tested in possible)
        yield from sorted(shown, key=lambda pattern: (pattern.bit_count(), pattern))

    def of(self, rules: Iterable[Rule]) -> int:
        """Return the slice of what these rules conclude between them."""
        return _union(self._slice[rule.id] for rule in rules)

    def rules(self, verbs: Collection[Verb], target: str | None = None) -> tuple[Rule, ...]:
        """Return the rules that conclude something (of one target, or any), with the derivations behind it."""
        concluding = (rule for rule in self.knowledge.rules if rule.verb in verbs and target in (None, rule.target))
        found = {rule.id: rule for rule in concluding}
        waiting = list(found.values())
        while waiting:
            rule = waiting.pop()
            for fact in (fact for alternative in rule.alternatives for fact in alternative):
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
            slice_ = _union(self.bits.values())

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


def _union(bits: Iterable[int]) -> int:
    union = 0
    for bit in bits:
        union |= bit
    return union
