"""What is known, as frozen objects: findings, nutrients, guidance, sources and rules, in their order.

The objects are made by `advisor.loader`, which validates them; everything else only reads them. Nothing here does I/O,
and nothing here knows how rules are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from advisor.model import facts
from advisor.model.facts import Fact

Kind: TypeAlias = Literal["yes_no", "number", "nutrients"]
Level: TypeAlias = Literal["emergency", "urgent", "routine", "none"]
Verb: TypeAlias = Literal["suggest", "support", "derive", "advise", "caution", "refer"]
Basis: TypeAlias = Literal["stated", "interpreted"]
Answer: TypeAlias = bool | int | tuple[str, ...]

DISCLAIMERS: Final = ("not_medical_advice", "consult_before_supplements", "results_vary", "no_magic_bullet")
LEVELS: Final[tuple[Level, ...]] = get_args(Level)  # the most pressing first
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
CONCLUSION_KINDS: Final[dict[Verb, str]] = {
    "suggest": "suggested",
    "support": "supports",
    "derive": "",
    "advise": "advice",
    "caution": "caution",
    "refer": "care",
}


class Passage(msgspec.Struct, frozen=True):
    """One sentence or table row of a source: where it stands, what it says in our words, and what became of it."""

    id: str
    place: str
    summary: str
    used_by: tuple[str, ...]  # `rule:<id>`, `nutrient:<id>`, `advice:<id>`, … that cite it
    background: str | None  # why nothing uses it, where nothing does
    sha256: str | None  # of the passage's text with white space normalised; None where we hold no text of the source


class Source(msgspec.Struct, frozen=True):
    """A text that knowledge and rules rest on."""

    id: str
    title: str
    publisher: str
    reference: str | None  # a DOI or a site, to find it again
    passages: tuple[Passage, ...]


class Finding(msgspec.Struct, frozen=True):
    """Something a person can report: a symptom, a habit, a fact about them, a warning sign."""

    id: str
    group: str
    kind: Kind
    label: str
    question: str
    help: str
    synonyms: tuple[str, ...]
    only_after: str | None = None  # a finding without which this one makes no sense
    minimum: int | None = None  # for kind `number`, inclusive
    maximum: int | None = None


class Group(msgspec.Struct, frozen=True):
    """A heading under which findings are asked and listed."""

    id: str
    label: str


class Screen(msgspec.Struct, frozen=True):
    """Findings that the questionnaire asks together."""

    id: str
    question: str  # of a checklist; empty where there is one finding, which is asked with its own question
    findings: tuple[str, ...]


class Derived(msgspec.Struct, frozen=True):
    """A fact that rules conclude on the way to something else."""

    id: str
    label: str


class Evidence(msgspec.Struct, frozen=True):
    """How well the source supports a link between a nutrient and cramps."""

    status: str
    note: str
    source: tuple[str, ...]


class EvidenceStatus(msgspec.Struct, frozen=True):
    """An evidence status in a few words, as shown to a person."""

    id: str
    label: str


class Nutrient(msgspec.Struct, frozen=True):
    """A vitamin or mineral the rules can suggest to discuss with a doctor."""

    id: str
    name: str
    function: str
    foods: tuple[str, ...]
    evidence: Evidence
    ask_your_doctor: str
    source: tuple[str, ...]


class Guidance(msgspec.Struct, frozen=True):
    """A text that a rule brings up (advice, a caution) or that is always shown (a disclaimer)."""

    id: str
    text: str
    source: tuple[str, ...]


class CareItem(msgspec.Struct, frozen=True):
    """A reason to seek care, and how soon."""

    id: str
    level: Level
    text: str
    source: tuple[str, ...]


class CareLevel(msgspec.Struct, frozen=True):
    """How soon to seek care, in a person's words."""

    id: Level
    heading: str
    text: str | None = None  # what is to be said at this level whatever the reasons


class Rule(msgspec.Struct, frozen=True):
    """When one of `alternatives` holds (all of its facts), conclude `verb target`."""

    id: str
    verb: Verb
    target: str  # a nutrient, advice, caution or care id; for `derive` the fact in full
    alternatives: tuple[tuple[str, ...], ...]  # facts in full, in the order written
    because: str
    basis: Basis
    source: tuple[str, ...]
    examples: tuple[dict[str, Answer], ...]
    origin: str  # file:line

    @property
    def concludes(self) -> str:
        """The fact or conclusion as the trace names it, such as `suggested:magnesium` or `care:clot_signs`."""
        return self.target if self.verb == "derive" else f"{CONCLUSION_KINDS[self.verb]}:{self.target}"


class Knowledge(msgspec.Struct, frozen=True, dict=True):
    """Everything the advisor knows. Tuples keep the order of the files, which is the order of every output.

    `rules` are in firing order: a rule stands after all rules that conclude one of its premises; among rules that do
    not depend on each other the order is that of the files (by name) and of the rules in them.
    """

    version: str
    digest: str  # `sha256:` of the parsed content of every file, so comments and layout do not count
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...]
    screens: tuple[Screen, ...]  # in the order they are asked
    derived: tuple[Derived, ...]
    evidence_statuses: tuple[EvidenceStatus, ...]
    nutrients: tuple[Nutrient, ...]
    advice: tuple[Guidance, ...]
    cautions: tuple[Guidance, ...]
    care_levels: tuple[CareLevel, ...]
    care: tuple[CareItem, ...]
    disclaimers: tuple[Guidance, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def finding(self) -> dict[str, Finding]:
        """Findings by id, in vocabulary order."""
        return {finding.id: finding for finding in self.findings}

    @cached_property
    def nutrient(self) -> dict[str, Nutrient]:
        """Nutrients by id, in the order that breaks ties."""
        return {nutrient.id: nutrient for nutrient in self.nutrients}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        """Rules by id, in firing order."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def tests(self) -> tuple[Fact, ...]:
        """The numeric tests that rules use, each once."""
        used = (facts.parse(fact) for rule in self.rules for alternative in rule.alternatives for fact in alternative)
        return tuple(dict.fromkeys(fact for fact in used if fact and fact.comparison))

    def telling_numbers(self, finding: str) -> list[int]:
        """Return numbers, in order, among which is the smallest for each way to pass the tests of a finding."""
        asked = self.finding[finding]
        low, high = asked.minimum or 0, asked.maximum or 0
        bounds = {test.bound + step for test in self.tests if test.name == finding for step in (-1, 0, 1)}
        return sorted({low, high, *(bound for bound in bounds if low <= bound <= high)})

    @cached_property
    def reported_by(self) -> dict[str, str]:
        """The facts in rules that an answer can be, each with the finding that is answered."""
        nutrients = next((finding.id for finding in self.findings if finding.kind == "nutrients"), None)
        reported: dict[str, str] = {}
        for text in (fact for rule in self.rules for alternative in rule.alternatives for fact in alternative):
            fact = facts.parse(text)
            if fact and fact.kind == "finding":
                reported[text] = fact.name
            elif fact and fact.kind == "confirmed" and nutrients:
                reported[text] = nutrients
        return reported

    @cached_property
    def passage(self) -> dict[str, tuple[Source, Passage]]:
        """Passages by id, each with the source it stands in."""
        return {passage.id: (source, passage) for source in self.sources for passage in source.passages}

    @cached_property
    def care_level(self) -> dict[Level, CareLevel]:
        """Care levels by id, the most pressing first."""
        return {level.id: level for level in self.care_levels}

    def citations(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield everything that cites passages, as (`rule:<id>` or `<kind>:<id>`, the passage ids)."""
        for nutrient in self.nutrients:
            yield f"nutrient:{nutrient.id}", nutrient.source + nutrient.evidence.source
        for kind, items in (("advice", self.advice), ("caution", self.cautions), ("disclaimer", self.disclaimers)):
            for item in items:
                yield f"{kind}:{item.id}", item.source
        for care in self.care:
            yield f"care:{care.id}", care.source
        for rule in self.rules:
            yield f"rule:{rule.id}", rule.source
