"""The one place where tests build rules, knowledge and cases, and read facts, firings and errors as plain texts.

Tests say what they mean in texts: a fact is `finding:fatigue`, a firing is the id of a rule with the texts of its
premises. How the package holds these is known here alone, so that a change of its classes changes this file only.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

import advisor
from advisor.analysis.patterns import Patterns
from advisor.batch.chunks import Chunk, Record, Row
from advisor.diagnostics import (
    AdvisorError,
    AnswersError,
    Diagnostic,
    EngineError,
    KnowledgeError,
    Location,
    OutputError,
)
from advisor.engine.durable import DurableEngine
from advisor.engine.firings import Engine, Firing
from advisor.model import conditions
from advisor.model.answers import Answers
from advisor.model.conditions import All, Condition, Leaf
from advisor.model.facts import Conclusion, Fact, parse_conclusion, parse_fact, suggested
from advisor.model.knowledge import VERB_OF, Answer, Knowledge, Rule, Verb
from advisor.reasoning import explain
from advisor.reasoning.explain import Change, Standing, Why, WhyNot
from advisor.reasoning.proofs import Proof, leaves_of
from advisor.reasoning.slices import Slices
from advisor.source import positioned, symptom_file

__all__ = ["AdvisorError", "AnswersError", "EngineError", "KnowledgeError", "OutputError", "Proof", "Why", "WhyNot"]

ROOT = Path(__file__).parent.parent
Premises: TypeAlias = tuple[str, ...]

# --- facts


def fact(text: str) -> Fact:
    """A fact as the package holds it."""
    found = parse_fact(text)
    assert found, text
    return found


def facts(*texts: str) -> tuple[Fact, ...]:
    return tuple(map(fact, texts))


def texts(held: Iterable[Any]) -> tuple[str, ...]:
    """Facts as texts, in their order."""
    return tuple(map(str, held))


def numeric_tests(*written: str) -> tuple[Fact, ...]:
    """Numeric tests, such as `finding:age>=65`."""
    return facts(*written)


# --- rules


def rule(name: str, verb: Verb, target: str, *alternatives: Iterable[str], line: int = 1, **fields: Any) -> Rule:
    """A rule that concludes when all facts of any of the alternatives hold."""
    shape: dict[str, Any] = {"rationale": "Because.", "basis": "interpreted", "source": (), "examples": ()}
    return Rule(
        id=name,
        condition=_written(alternatives),
        concludes=_concluded(verb, target),
        location=Location("rules.yaml", line),
        **(shape | fields),
    )


def _written(alternatives: Iterable[Iterable[str]]) -> Condition[Fact]:
    return conditions.Any(tuple(All(tuple(Leaf(fact(text)) for text in premises)) for premises in alternatives))


def _concluded(verb: Verb, target: str) -> Fact | Conclusion:
    if verb == "derive":
        return fact(target)
    if verb == "suggest":
        return suggested(target)
    kind = next(kind for kind, name in VERB_OF.items() if name == verb)
    found = parse_conclusion(f"{kind}:{target}")
    assert found
    return found


def alternatives(of: Rule) -> tuple[Premises, ...]:
    """The facts of each alternative of a rule, in the order written."""
    return tuple(texts(premises) for premises in of.alternatives)


def with_alternatives(of: Rule, *alternatives: Iterable[str]) -> Rule:
    return msgspec.structs.replace(of, condition=_written(alternatives))


def with_target(of: Rule, target: str) -> Rule:
    return msgspec.structs.replace(of, concludes=_concluded(of.verb, target))


def verb(of: Rule) -> str:
    return of.verb


def target(of: Rule) -> str:
    """What a rule is about: a nutrient, advice, caution or care id; of a derivation the fact in full."""
    return str(of.concludes) if of.verb == "derive" else of.concludes.id


def concludes(of: Rule) -> str:
    """A rule's conclusion as the trace names it, such as `suggested:magnesium`."""
    return str(of.concludes)


def rationale(of: Rule) -> str:
    """A rule's reason, in the words that are shown."""
    return of.rationale


# --- knowledge


def with_rules(knowledge: Knowledge, *rules: Rule) -> Knowledge:
    """The knowledge with these rules and no others."""
    return msgspec.structs.replace(knowledge, rules=tuple(rules))


def with_more_rules(knowledge: Knowledge, *rules: Rule) -> Knowledge:
    return with_rules(knowledge, *knowledge.rules, *rules)


def with_finding(knowledge: Knowledge, name: str, **fields: Any) -> Knowledge:
    """The knowledge with some fields of one finding changed."""
    findings = tuple(msgspec.structs.replace(f, **fields) if f.id == name else f for f in knowledge.findings)
    return msgspec.structs.replace(knowledge, findings=findings)


def with_parts(knowledge: Knowledge, **fields: Any) -> Knowledge:
    """The knowledge with whole fields of it changed: `nutrients`, `findings`."""
    return msgspec.structs.replace(knowledge, **fields)


def copy_of_shipped(to: Path) -> Path:
    """A copy of the shipped knowledge and rules, to spoil."""
    for name in ("knowledge", "rules"):
        shutil.copytree(ROOT / name, to / name)
    return to


def spoil(folders: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` in a file by `new`; return the line it stands on."""
    path = folders / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    return text[: text.index(old)].count("\n") + 1


# --- answers


def answers(given: Mapping[str, Any], case: str = "") -> Answers:
    """Answers as they are, unchecked."""
    return Answers(case=case, given=dict(given))


def answered(findings: object, knowledge: Knowledge, case: str = "case") -> Answers:
    """Answers from plain data, checked against the vocabulary."""
    return symptom_file.of(findings, knowledge, case)


def read_symptoms(data: bytes, name: str, knowledge: Knowledge, case: str = "case") -> Answers:
    """The answers in the bytes of a symptom file called `name`; `case` is what it is called if it does not say."""
    return symptom_file.parse(data, name, knowledge, case)


def read_data(document: object, knowledge: Knowledge, case: str = "case") -> Answers:
    """The answers in a symptom file that is given as plain data."""
    try:
        return symptom_file.check(positioned.from_data(document), knowledge, case)
    except positioned.DocumentError as error:
        raise AnswersError(error.diagnostics) from None


def reported(given: Answers, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts that the answers report, by implication too, and those of the rules' tests that hold."""
    return texts(given.facts(knowledge))


# --- engine


def engine(knowledge: Knowledge) -> Engine:
    return DurableEngine(knowledge.rules)


def as_texts(firings: Iterable[Firing]) -> list[tuple[str, Premises]]:
    """Firings as (the id of the rule, its premises)."""
    return [(firing.rule.id, texts(firing.premises)) for firing in firings]


def fired(engine: Engine, held: Iterable[str]) -> list[tuple[str, Premises]]:
    """What fires on these facts, in firing order."""
    return as_texts(engine.fire(facts(*held)))


def fired_for(engine: Engine, given: Answers, knowledge: Knowledge) -> list[tuple[str, Premises]]:
    """What fires for the answers, in firing order."""
    return as_texts(engine.fire(given.facts(knowledge)))


# --- explanations


def firings(advising: advisor.Advisor, given: Answers) -> list[tuple[str, Premises]]:
    return as_texts(advising.evaluate(given).firings)


def conclusions(knowledge: Knowledge) -> list[str]:
    """Everything that can be concluded and shown, in full, in the order of the output."""
    return list(map(str, knowledge.shown))


def why(advising: advisor.Advisor, given: Answers, name: str) -> Why | WhyNot:
    return advising.evaluate(given).why(name)


def why_not(advising: advisor.Advisor, given: Answers, name: str) -> Why | WhyNot:
    return advising.evaluate(given).why_not(name)


def what_if(advising: advisor.Advisor, given: Answers, changed: Mapping[str, Answer | None]) -> tuple[Change, ...]:
    return advising.evaluate(given).what_if(changed).changes


def standing(of: Standing | bool | str | None) -> object:
    """How a conclusion stands, with rank and support of a nutrient as a mapping."""
    return {"rank": of.rank, "support": of.support} if isinstance(of, Standing) else of


def reasoning(advising: advisor.Advisor, given: Answers) -> tuple[Why, ...]:
    return advising.evaluate(given).reasoning


def loose_ends(advising: advisor.Advisor, given: Answers) -> tuple[Proof, ...]:
    return advising.evaluate(given).loose_ends


def proved(proof: Proof) -> str:
    """The fact or conclusion that a proof is of."""
    return str(proof.of)


def premises(proof: Proof) -> tuple[Proof, ...]:
    """The proofs that a proof rests on."""
    return proof.premises


def leaves(proof: Proof) -> set[str]:
    """The reported facts that a proof goes back to."""
    return set(texts(leaves_of(proof)))


def reporting(knowledge: Knowledge, given: Answers, held: Iterable[str]) -> Answers:
    """The answers changed so that they report these facts too."""
    return explain.applied(knowledge, given, facts(*held))


# --- slices


class EngineOf:
    """An engine that fires what a function says."""

    def __init__(self, fire: Callable[[Iterable[Fact]], tuple[Firing, ...]]) -> None:
        self._fire = fire

    def fire(self, reported: Iterable[Fact]) -> tuple[Firing, ...]:
        return self._fire(reported)


def slices(knowledge: Knowledge, fire: Callable[[Iterable[Fact]], tuple[Firing, ...]] | None = None) -> Slices:
    return Slices(knowledge, EngineOf(fire) if fire else engine(knowledge))


def bits(sliced: Slices) -> dict[str, int]:
    """The bit of each fact."""
    return {str(held): bit for held, bit in sliced.bits.items()}


def patterns(sliced: Slices, slice_: int) -> list[int]:
    """Every pattern of a slice that some answers show; the slice must not be too wide to try them all."""
    found = Patterns(sliced, slice_, tuple)
    assert found.complete
    return found.tried


def shown_by(sliced: Slices, pattern: int) -> tuple[str, ...]:
    """The facts that a pattern shows."""
    return texts(sliced.facts(pattern))


# --- batch


def chunk(*records: Record, file: str = "f", first: int = 1, columns: tuple[str, ...] = ()) -> Chunk:
    """Records of one file: lines of JSON, or rows of a table with these columns."""
    return Chunk(file=file, stem=Path(file).stem, records=records, first=first, columns=columns)


def row(line: int, *cells: str, text: bytes = b"") -> Row:
    return Row(line=line, text=text, cells=cells)


# --- errors and what they report


def diagnostics(error: AdvisorError) -> tuple[Diagnostic, ...]:
    return error.diagnostics


def said(error: AdvisorError) -> list[str]:
    """Each problem as a person reads it, with its place."""
    return [str(problem) for problem in error.diagnostics]


def messages(error: AdvisorError) -> list[str]:
    """Each problem without its place."""
    return [problem.message for problem in error.diagnostics]


def message_of(found: Diagnostic) -> str:
    """What a problem, or a fault that `check` found, says, without its place."""
    return found.message


def place(found: Diagnostic) -> tuple[str, int]:
    """The file and line of a problem, or of a fault that `check` found."""
    return found.location.file, found.location.line


def not_written() -> AdvisorError:
    """The error of an output that cannot be written."""
    return OutputError([])
