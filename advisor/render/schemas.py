"""JSON Schemas (2020-12) of what goes in and what comes out, made from the code and knowledge they describe.

They cannot drift apart from what the program accepts and writes, because nothing is written down twice.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from advisor.model.knowledge import Finding, Knowledge
from advisor.reasoning.advice import Advice
from advisor.source.symptom_file import MAX_CASE, MISLEADING

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def advice_schema() -> dict[str, Any]:
    """Return the schema of the JSON that `advise` writes."""
    return {"$schema": _DIALECT, "title": "Advice of nutrient-advisor", **msgspec.json.schema(Advice)}


def symptoms_schema(knowledge: Knowledge) -> dict[str, Any]:
    """Return the schema of a symptom file, naming every finding of the vocabulary."""
    yes_no = [finding.id for finding in knowledge.findings if finding.kind == "yes_no"]
    findings = {finding.id: _answer(finding, list(knowledge.nutrient)) for finding in knowledge.findings}
    misleading = "".join(f"\\u{ord(character):04x}" for character in sorted(MISLEADING))
    return {
        "$schema": _DIALECT,
        "title": "Symptom file of nutrient-advisor",
        "type": "object",
        "required": ["findings"],
        "additionalProperties": False,
        "properties": {
            "case": {
                "description": "A name for the case; the file's name where it is left out.",
                "type": "string",
                "maxLength": MAX_CASE,
                "pattern": rf"^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff{misleading}]*$",
            },
            "findings": {
                "oneOf": [
                    {
                        "description": "Answers by finding; what is unknown can be left out.",
                        "type": "object",
                        "additionalProperties": False,
                        "properties": findings,
                    },
                    {"description": "Findings that are all yes.", "type": "array", "items": {"enum": yes_no}},
                ]
            },
        },
    }


def _answer(finding: Finding, nutrients: list[str]) -> dict[str, Any]:
    answers: list[dict[str, Any]] = [_any_case("unknown")]
    if finding.kind == "yes_no":
        answers = [{"type": "boolean"}, _any_case("yes", "no", "true", "false", "unknown")]
    elif finding.kind == "number":
        answers.append({"type": "integer", "minimum": finding.minimum, "maximum": finding.maximum})
    else:
        answers.append({"type": "array", "items": {"enum": nutrients}})
    return {"title": finding.label, "description": finding.question, "anyOf": answers}


def _any_case(*options: str) -> dict[str, Any]:
    spelled = ("".join(f"[{letter.upper()}{letter}]" for letter in re.escape(option)) for option in options)
    return {"type": "string", "pattern": f"^({'|'.join(spelled)})$"}
