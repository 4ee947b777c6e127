"""Symptom files: what one person reported, checked against the vocabulary.

From a document (or plain Python data) to `Answers`, or to every problem at once. The same checks serve the examples
of rules. What follows from the answers is not decided here; `Answers.facts` only puts them the way rules name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from advisor.diagnostics import MOST_SHOWN, DocumentError, Problem, is_control, nearest, shown
from advisor.model.answers import Answers
from advisor.model.knowledge import Answer, Finding, Knowledge
from advisor.source import positioned
from advisor.source.positioned import Document, Node

MAX_CASE: Final = 200
KEYS: Final = ("case", "findings")

_YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
_EXPECTED: Final = {"yes_no": "yes, no or unknown", "nutrients": "a list of nutrients, such as [magnesium], or unknown"}
# characters that end a line or turn the direction of text: harmless in a file, misleading on a screen
MISLEADING: Final = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read(path: Path | str, knowledge: Knowledge) -> Answers:
    """Read a symptom file; `-` reads standard input. Raises DocumentError with all its problems."""
    document = positioned.read(path)
    return check(document, knowledge, default_case="stdin" if str(path) == "-" else Path(path).stem)


def of(data: object, knowledge: Knowledge, case: str = "case") -> Answers:
    """Check findings given as plain Python data: a mapping id -> answer, or a list of ids that are all yes.

    Raises DocumentError with all problems.
    """
    return check(positioned.from_data({"findings": data}), knowledge, default_case=case)


def changes(texts: Iterable[str], knowledge: Knowledge) -> dict[str, Answer | None]:
    """Read answers given as FINDING=ANSWER, a list parted by commas; None for unknown. Raises DocumentError."""
    problems: list[Problem] = []
    changed: dict[str, Answer | None] = {}
    for text in texts:
        name, equals, answer = (part.strip() for part in text.partition("="))
        finding = knowledge.finding.get(name)
        if not equals or not answer:
            problems.append(Problem("--what-if", 0, f"{shown(text)} must be FINDING=ANSWER, such as fatigue=yes"))
        elif name in changed:
            problems.append(Problem("--what-if", 0, f"{name} is given two answers; keep one"))
        elif answer.lower() == "unknown" and finding:
            changed[name] = None
        else:
            value: object = int(answer) if answer.isdecimal() and len(answer) < 10 else answer
            if finding and finding.kind == "nutrients":
                value = [part for part in map(str.strip, answer.strip("[]").split(",")) if part]
            try:
                changed |= of({name: value}, knowledge).given
            except DocumentError as error:
                problems += [Problem("--what-if", 0, problem.message) for problem in error.problems]
    if problems:
        raise DocumentError(problems)
    return changed


def check(document: Document, knowledge: Knowledge, default_case: str) -> Answers:
    """Check a document that is a symptom file. Raises DocumentError with all its problems."""
    problems = list(document.problems)
    root = document.root
    fields = root.value if isinstance(root.value, dict) else None
    if fields is None:
        message = "a symptom file is a mapping with 'findings' and maybe 'case'"
        problems.append(Problem(document.name, root.line, message))
        raise DocumentError(problems)
    for key, node in fields.items():
        if key not in KEYS:
            hint = nearest(key, KEYS) or (" (put it under 'findings')" if key in knowledge.finding else "")
            problems.append(Problem(document.name, node.line, f"unknown key {shown(key)}{hint}"))
    case = _case(fields.get("case"), default_case, document.name, problems)
    given: dict[str, Answer] = {}
    if "findings" in fields:
        nutrients = tuple(knowledge.nutrient)
        given = check_findings(fields["findings"], document.name, knowledge.finding, nutrients, problems)
    else:
        problems.append(Problem(document.name, root.line, "'findings' is missing; list what was reported under it"))
    if problems:
        raise DocumentError(problems)
    return Answers(case, given)


def check_findings(
    node: Node, file: str, vocabulary: Mapping[str, Finding], nutrients: tuple[str, ...], problems: list[Problem]
) -> dict[str, Answer]:
    """Return the answers under `findings` in vocabulary order, adding what is wrong to `problems`."""
    value = node.value
    if isinstance(value, list):
        entries = []
        for item in value:
            if isinstance(item.value, str):
                entries.append((item.value, Node(item.line, True)))
            else:
                problems.append(Problem(file, item.line, f"{_show(item)} is not the id of a finding"))
    elif isinstance(value, dict):
        entries = list(value.items())
    else:
        message = "'findings' must be a mapping of finding to answer, or a list of findings (all yes)"
        problems.append(Problem(file, node.line, message))
        return {}
    given: dict[str, Answer] = {}
    for name, answer in entries:
        finding = vocabulary.get(name)
        if finding is None:
            hint = _nearest_finding(name, vocabulary) if len(problems) < MOST_SHOWN else ""
            problems.append(Problem(file, answer.line, f"unknown finding {shown(name)}{hint}", "unknown-name"))
            continue
        if isinstance(answer.value, str) and answer.value.lower() == "unknown":
            continue
        read = _answer(finding, answer, nutrients, file, problems)
        if read is not None:
            given[name] = read
    return {name: given[name] for name in vocabulary if name in given}


def _nearest_finding(name: str, vocabulary: Mapping[str, Finding]) -> str:
    for finding in vocabulary.values():
        if name.lower().replace("_", " ") in (synonym.lower() for synonym in (finding.label, *finding.synonyms)):
            return f" (did you mean {finding.id!r}?)"
    return nearest(name, vocabulary) or " (see `nutrient-advisor findings`)"


def _answer(
    finding: Finding, node: Node, nutrients: tuple[str, ...], file: str, problems: list[Problem]
) -> Answer | None:
    value = node.value

    def refuse(expected: str) -> None:
        problems.append(Problem(file, node.line, f"{finding.id} must be {expected}, not {_show(node)}"))

    if finding.kind == "yes_no":
        answer = _YES_NO.get(value.lower()) if isinstance(value, str) else value
        if isinstance(answer, bool):
            return answer
        refuse(_EXPECTED["yes_no"])
    elif finding.kind == "number":
        low, high = finding.minimum or 0, finding.maximum or 0
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return int(value)
        refuse(f"a whole number from {low} to {high}, or unknown")
    elif not isinstance(value, list):
        refuse(_EXPECTED["nutrients"])
    else:
        known = {str(item.value) for item in value if isinstance(item.value, str) and item.value in nutrients}
        for item in value:
            if not isinstance(item.value, str) or item.value not in nutrients:
                hint = nearest(str(item.value), nutrients) or f" (one of {', '.join(nutrients)})"
                problems.append(Problem(file, item.line, f"{finding.id}: unknown nutrient {_show(item)}{hint}"))
        return tuple(nutrient for nutrient in nutrients if nutrient in known)
    return None


def _case(node: Node | None, default: str, file: str, problems: list[Problem]) -> str:
    if node is None or node.value == "":
        return name_from(default)
    if not isinstance(node.value, str):
        message = f"'case' must be a text, not {_show(node)}; put it in quotes"
        problems.append(Problem(file, node.line, message))
    elif len(node.value) > MAX_CASE:
        message = f"'case' is {len(node.value)} characters long; at most {MAX_CASE} are allowed"
        problems.append(Problem(file, node.line, message))
    elif any(map(_is_misleading, node.value)):
        problems.append(Problem(file, node.line, "'case' must be one line of text without control characters"))
    else:
        return node.value
    return ""


def name_from(stem: str) -> str:
    """Return the name of a case made from that of a file."""
    return "".join("\ufffd" if _is_misleading(character) else character for character in stem)[:MAX_CASE]


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
