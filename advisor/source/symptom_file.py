"""Symptom files: what one person reported, checked against the vocabulary.

From a document (or plain Python data) to `Answers`, or to every problem at once. The examples of rules are checked in
the same way. What follows from the answers is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from advisor.diagnostics import MOST_SHOWN, AnswersError, Diagnostic, Location, is_control, nearest, shown
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Finding, Knowledge
from advisor.source import positioned
from advisor.source.positioned import Document, DocumentError, Node

MAX_CASE: Final = 200
KEYS: Final = ("case", "findings")

_YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
_EXPECTED: Final = {"yes_no": "yes, no or unknown", "nutrients": "a list of nutrients, such as [magnesium], or unknown"}
# characters that end a line or turn the direction of text: harmless in a file, misleading on a screen
MISLEADING: Final = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read(path: Path | str, knowledge: Knowledge) -> Answers:
    """Read a symptom file; `-` reads standard input. Raises AnswersError with all its problems."""
    with _answers_at_fault():
        document = positioned.read(path)
    return check(document, knowledge, default_case="stdin" if str(path) == "-" else Path(path).stem)


def parse(data: bytes, file: str, knowledge: Knowledge, default_case: str, is_json: bool = False) -> Answers:
    """Read the content of a symptom file called `file`. Raises AnswersError with all its problems."""
    with _answers_at_fault():
        document = positioned.parse(data, file, is_json)
    return check(document, knowledge, default_case)


def of(findings: object, knowledge: Knowledge, case: str = "case", file: str = "") -> Answers:
    """Check findings given as plain Python data: a mapping id -> answer, or a list of ids that are all yes.

    Raises AnswersError with all problems, each with the `path` of the value that is wrong (`findings.age`).
    """
    with _answers_at_fault():
        document = positioned.from_data({"case": case, "findings": findings}, file)
    return check(document, knowledge, default_case="case")


@contextmanager
def _answers_at_fault() -> Iterator[None]:
    try:
        yield
    except DocumentError as error:
        raise AnswersError(error.diagnostics) from None


def changes(texts: Iterable[str], knowledge: Knowledge) -> dict[str, Answer | None]:
    """Read answers given as FINDING=ANSWER, lists separated by commas; None for unknown. Raises AnswersError."""
    problems: list[Diagnostic] = []
    changed: dict[str, Answer | None] = {}

    def refuse(message: str) -> None:
        problems.append(Diagnostic(Location("--what-if"), "not-an-answer", message))

    for text in texts:
        name, equals, answer = (part.strip() for part in text.partition("="))
        finding = knowledge.finding.get(name)
        if not equals or not answer:
            refuse(f"{shown(text)} must be FINDING=ANSWER, such as fatigue=yes")
        elif name in changed:
            refuse(f"{name} is given two answers; keep one")
        elif answer.lower() == "unknown" and finding:
            changed[name] = None
        else:
            value: object = int(answer) if answer.isdecimal() and len(answer) < 10 else answer
            if finding and finding.kind == "nutrients":
                value = [part for part in map(str.strip, answer.strip("[]").split(",")) if part]
            try:
                changed |= of({name: value}, knowledge).given
            except AnswersError as error:
                for diagnostic in error.diagnostics:
                    refuse(diagnostic.message)
    if problems:
        raise AnswersError(problems)
    return changed


def check(document: Document, knowledge: Knowledge, default_case: str) -> Answers:
    """Check a document that is a symptom file. Raises AnswersError with all its problems."""
    checking = _Checking(document.name, list(document.problems))
    root = document.root
    if not isinstance(root.value, dict):
        checking.refuse(root, "", "a symptom file is a mapping with 'findings' and maybe 'case'")
        raise AnswersError(checking.problems)
    for key, node in root.value.items():
        if key not in KEYS:
            hint = nearest(key, KEYS) or (" (put it under 'findings')" if key in knowledge.finding else "")
            checking.refuse(node, key, f"unknown key {shown(key)}{hint}", "unknown-key")
    case = checking.case(root.value.get("case"), default_case)
    given: dict[str, Answer] = {}
    if "findings" in root.value:
        given = checking.findings(root.value["findings"], knowledge.finding, tuple(knowledge.nutrient))
    else:
        checking.refuse(root, "findings", "'findings' is missing; list what was reported under it")
    if checking.problems:
        raise AnswersError(checking.problems)
    return Answers(case, given)


def check_findings(
    node: Node, file: str, vocabulary: Mapping[str, Finding], nutrients: tuple[str, ...], problems: list[Diagnostic]
) -> dict[str, Answer]:
    """Return the answers under `findings` in vocabulary order, adding what is wrong to `problems`."""
    return _Checking(file, problems).findings(node, vocabulary, nutrients)


def name_from(stem: str) -> str:
    """Return the name of a case made from that of a file."""
    return "".join("\ufffd" if _is_misleading(character) else character for character in stem)[:MAX_CASE]


class _Checking:
    """One document being checked: its name, and what is wrong with it so far."""

    def __init__(self, file: str, problems: list[Diagnostic]) -> None:
        self.file, self.problems = file, problems

    def refuse(self, node: Node, path: str, message: str, code: str = "not-an-answer") -> None:
        self.problems.append(Diagnostic(Location(self.file, node.line), code, message, path=path))

    def case(self, node: Node | None, default: str) -> str:
        """Return the name of the case, or an empty text where it cannot be one."""
        if node is None or node.value == "":
            return name_from(default)
        if not isinstance(node.value, str):
            self.refuse(node, "case", f"'case' must be a text, not {_show(node)}; put it in quotes")
        elif len(node.value) > MAX_CASE:
            message = f"'case' is {len(node.value)} characters long; at most {MAX_CASE} are allowed"
            self.refuse(node, "case", message)
        elif any(map(_is_misleading, node.value)):
            self.refuse(node, "case", "'case' must be one line of text without control characters")
        else:
            return node.value
        return ""

    def findings(self, node: Node, vocabulary: Mapping[str, Finding], nutrients: tuple[str, ...]) -> dict[str, Answer]:
        """Return the answers in vocabulary order, without what is unknown or wrong."""
        given: dict[str, Answer] = {}
        for name, answer in self._entries(node):
            path = f"findings.{name}"
            finding = vocabulary.get(name)
            if finding is None:
                # each look at the whole vocabulary takes a while, and nobody reads so many hints
                hint = _nearest_finding(name, vocabulary) if len(self.problems) < MOST_SHOWN else ""
                self.refuse(answer, path, f"unknown finding {shown(name)}{hint}", "unknown-name")
            elif not (isinstance(answer.value, str) and answer.value.lower() == "unknown"):
                read = self._answer(finding, answer, path, nutrients)
                if read is not None:
                    given[name] = read
        return {name: given[name] for name in vocabulary if name in given}

    def _entries(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield each finding named, with its answer."""
        if isinstance(node.value, dict):
            yield from node.value.items()
        elif isinstance(node.value, list):
            for place, item in enumerate(node.value):
                if isinstance(item.value, str):
                    yield item.value, Node(item.line, True)
                else:
                    self.refuse(item, f"findings[{place}]", f"{_show(item)} is not the id of a finding")
        else:
            message = "'findings' must be a mapping of finding to answer, or a list of findings (all yes)"
            self.refuse(node, "findings", message)

    def _answer(self, finding: Finding, node: Node, path: str, nutrients: tuple[str, ...]) -> Answer | None:
        value = node.value
        if finding.kind == "yes_no":
            answer = _YES_NO.get(value.lower()) if isinstance(value, str) else value
            if isinstance(answer, bool):
                return answer
            expected = _EXPECTED["yes_no"]
        elif finding.kind == "number":
            low, high = finding.minimum or 0, finding.maximum or 0
            if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
                return int(value)
            expected = f"a whole number from {low} to {high}, or unknown"
        elif isinstance(value, list):
            return self._nutrients(finding, value, path, nutrients)
        else:
            expected = _EXPECTED["nutrients"]
        self.refuse(node, path, f"{finding.id} must be {expected}, not {_show(node)}")
        return None

    def _nutrients(self, finding: Finding, items: list[Node], path: str, nutrients: tuple[str, ...]) -> Answer:
        """Return the nutrients named, in their order, each once."""
        named = {item.value for item in items if isinstance(item.value, str)}
        for item in items:
            if not isinstance(item.value, str) or item.value not in nutrients:
                hint = (
                    nearest(item.value if isinstance(item.value, str) else "", nutrients)
                    or f" (one of {', '.join(nutrients)})"
                )
                message = f"{finding.id}: unknown nutrient {_show(item)}{hint}"
                self.refuse(item, path, message, "unknown-name")
        return tuple(nutrient for nutrient in nutrients if nutrient in named)


def _nearest_finding(name: str, vocabulary: Mapping[str, Finding]) -> str:
    for finding in vocabulary.values():
        if name.lower().replace("_", " ") in (synonym.lower() for synonym in (finding.label, *finding.synonyms)):
            return f" (did you mean {finding.id!r}?)"
    return nearest(name, vocabulary) or " (see `nutrient-advisor findings`)"


def _is_misleading(character: str) -> bool:
    return character in MISLEADING or is_control(character)


def _show(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    if node.value is None:
        return "empty"
    if isinstance(node.value, bool):
        return "yes" if node.value else "no"
    return shown(node.value)
