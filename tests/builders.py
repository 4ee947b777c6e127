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
from advisor.batch.chunks import Chunk, Record, Row
from advisor.diagnostics import AdvisorError, DocumentError, EngineError
from advisor.engine.durable import Engine, Firing
from advisor.model import facts as notation
from advisor.model.answers import Answers
from advisor.model.facts import Fact
from advisor.model.knowledge import Answer, Knowledge, Rule, Verb
from advisor.reasoning import explain
from advisor.reasoning.explain import Change, Proof, Why, WhyNot
from advisor.reasoning.slices import Slices
from advisor.source import positioned, symptom_file

__all__ = ["AdvisorError", "AnswersError", "EngineError", "KnowledgeError", "OutputError", "Proof", "Why", "WhyNot"]

ROOT = Path(__file__).parent.parent
KnowledgeError: TypeAlias = DocumentError  # rules or knowledge cannot be used
AnswersError: TypeAlias = DocumentError  # what was reported cannot be used
OutputError: TypeAlias = DocumentError  # something cannot be written
Premises: TypeAlias = tuple[str, ...]

# --- facts


def fact(text: str) -> Any:
    """A fact as the package holds it."""
    return text


def facts(*texts: str) -> tuple[Any, ...]:
    return tuple(map(fact, texts))


def texts(held: Iterable[Any]) -> tuple[str, ...]:
    """Facts as texts, in their order."""
    return tuple(map(str, held))


def numeric_tests(*written: str) -> tuple[Fact, ...]:
    """Numeric tests, such as `finding:age>=65`."""
    found = [test for text in written if (test := notation.parse(text))]
    assert [str(test) for test in found] == list(written)
    return tuple(found)


# --- rules


def rule(name: str, verb: Verb, target: str, *alternatives: Iterable[str], line: int = 1, **fields: Any) -> Rule:
    """A rule that concludes when all facts of any of the alternatives hold."""
    shape: dict[str, Any] = {
        "because": "Because.",
        "basis": "interpreted",
        "source": (),
        "examples": (),
        "origin": f"rules.yaml:{line}",
    }
    held = tuple(tuple(map(fact, premises)) for premises in alternatives)
    return Rule(id=name, verb=verb, target=target, alternatives=held, **(shape | fields))


def alternatives(of: Rule) -> tuple[Premises, ...]:
    """The facts of each alternative of a rule, in the order written."""
    return tuple(texts(premises) for premises in of.alternatives)


def with_alternatives(of: Rule, *alternatives: Iterable[str]) -> Rule:
    held = tuple(tuple(map(fact, premises)) for premises in alternatives)
    return msgspec.structs.replace(of, alternatives=held)


def with_target(of: Rule, target: str) -> Rule:
    return msgspec.structs.replace(of, target=target)


def verb(of: Rule) -> str:
    return of.verb


def target(of: Rule) -> str:
    """What a rule is about: a nutrient, advice, caution or care id; of a derivation the fact in full."""
    return of.target


def concludes(of: Rule) -> str:
    """A rule's conclusion as the trace names it, such as `suggested:magnesium`."""
    return of.concludes


def rationale(of: Rule) -> str:
    """A rule's reason, in the words that are shown."""
    return of.because


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
    return symptom_file.check(positioned.parse(data, name), knowledge, case)


def read_data(document: object, knowledge: Knowledge, case: str = "case") -> Answers:
    """The answers in a symptom file that is given as plain data."""
    return symptom_file.check(positioned.from_data(document), knowledge, case)


def reported(given: Answers, tests: Iterable[Fact]) -> tuple[str, ...]:
    """The facts that the answers report, and those of the tests that hold."""
    return texts(given.facts(tests))


# --- engine


def engine(knowledge: Knowledge) -> Engine:
    return Engine(knowledge.rules)


def as_texts(firings: Iterable[Firing]) -> list[tuple[str, Premises]]:
    """Firings as (the id of the rule, its premises)."""
    return [(firing.rule.id, texts(firing.because)) for firing in firings]


def fired(engine: Engine, held: Iterable[str]) -> list[tuple[str, Premises]]:
    """What fires on these facts, in firing order."""
    return as_texts(engine.fire(facts(*held)))


def fired_for(engine: Engine, given: Answers, tests: Iterable[Fact]) -> list[tuple[str, Premises]]:
    """What fires for the answers, in firing order."""
    return as_texts(engine.fire(given.facts(tests)))


# --- explanations


def firings(advising: advisor.Advisor, given: Answers) -> list[tuple[str, Premises]]:
    return as_texts(advising.firings(given))


def conclusions(knowledge: Knowledge) -> list[str]:
    """Everything that can be concluded and shown, in full, in the order of the output."""
    return list(map(str, explain.conclusions(knowledge)))


def why(advising: advisor.Advisor, given: Answers, name: str) -> Why | WhyNot:
    return explain.why(advising, given, name)


def why_not(advising: advisor.Advisor, given: Answers, name: str) -> Why | WhyNot:
    return explain.why_not(advising, given, name)


def what_if(advising: advisor.Advisor, given: Answers, changed: Mapping[str, Answer | None]) -> tuple[Change, ...]:
    return explain.what_if(advising, given, changed).changes


def reasoning(advising: advisor.Advisor, given: Answers) -> tuple[Why, ...]:
    return explain.reasoning(advising, given)


def loose_ends(advising: advisor.Advisor, given: Answers) -> tuple[Proof, ...]:
    return explain.loose_ends(advising, given)


def proved(proof: Proof) -> str:
    """The fact or conclusion that a proof is of."""
    return str(proof.fact)


def premises(proof: Proof) -> tuple[Proof, ...]:
    """The proofs that a proof rests on."""
    return proof.because


def leaves(proof: Proof) -> set[str]:
    """The reported facts that a proof goes back to."""
    return set(texts(explain.leaves_of(proof)))


def reporting(knowledge: Knowledge, given: Answers, held: Iterable[str]) -> Answers:
    """The answers changed so that they report these facts too."""
    return explain.applied(knowledge, given, facts(*held))


# --- slices


def slices(knowledge: Knowledge, fire: Callable[[Iterable[Any]], tuple[Firing, ...]] | None = None) -> Slices:
    return Slices(knowledge, fire or engine(knowledge).fire)


def bits(sliced: Slices) -> dict[str, int]:
    """The bit of each fact."""
    return {str(held): bit for held, bit in sliced.bits.items()}


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


def diagnostics(error: DocumentError) -> tuple[Any, ...]:
    return error.problems


def said(error: DocumentError) -> list[str]:
    """Each problem as a person reads it, with its place."""
    return [str(problem) for problem in diagnostics(error)]


def messages(error: DocumentError) -> list[str]:
    """Each problem without its place."""
    return [message_of(problem) for problem in diagnostics(error)]


def message_of(found: Any) -> str:
    """What a problem, or a fault that `check` found, says, without its place."""
    message: str = found.message
    return message


def place(found: Any) -> tuple[str, int]:
    """The file and line of a problem, or of a fault that `check` found."""
    return found.file, found.line


def not_written() -> AdvisorError:
    """The error of an output that cannot be written."""
    return OutputError([])
