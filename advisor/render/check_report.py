"""What `check` found: as text for a terminal, as JSON, and as SARIF, which code hosts show at the lines concerned."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from advisor.analysis.report import Report, Verdict
from advisor.diagnostics import Diagnostic

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def view(report: Report) -> RenderableType:
    """Return the report as text: faults first, then what was proved, and what is used of sources and engine."""
    parts: list[RenderableType] = [Text(_line(found)) for found in (*report.faults, *report.warnings)]
    if report.verdicts:
        tried = sum(verdict.patterns for verdict in report.verdicts)
        parts += [Text(), Text(f"What must hold for any answers ({tried:,} patterns tried)", style="bold")]
        for verdict in report.verdicts:
            parts += _verdict(verdict)
    if report.counts.rules:
        counts = report.counts
        parts += [Text(), Text("Sources and rules", style="bold")]
        parts.append(
            Text(
                f" {counts.passages} passages: {counts.used} used, {counts.background} background; {counts.rules} "
                f"rules, {counts.rules_with_examples} with examples"
            )
        )
    if report.capacity:
        parts += [Text(), Text("Room in the rule engine", style="bold")]
        parts += [Text(f" {one.limit}: {one.used:,} of {one.most:,}") for one in report.capacity]
    number = len(report.faults)
    closing = (
        "No fault was found." if not number else "1 fault was found." if number == 1 else f"{number} faults were found."
    )
    return Group(*parts, Text(), Text(closing, style="bold"))


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as the object that is written as JSON."""
    return {
        "faults": [_flat(found) for found in report.faults],
        "warnings": [_flat(found) for found in report.warnings],
        "proofs": report.verdicts,
        "coverage": report.counts,
        "capacity": report.capacity,
    }


def _flat(found: Diagnostic) -> dict[str, str | int]:
    place = found.location
    return {"code": found.code, "message": found.message, "file": place.file, "line": place.line}


def sarif(report: Report, version: str) -> dict[str, Any]:
    """Return the faults as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format)."""
    found = (*report.faults, *report.warnings)
    driver = {
        "name": "nutrient-advisor",
        "version": version,
        "rules": [
            {"id": code, "shortDescription": {"text": code.replace("-", " ")}}
            for code in sorted({one.code for one in found})
        ],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(one) for one in found]}],
    }


def _result(found: Diagnostic) -> dict[str, Any]:
    path = Path(found.location.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    location: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if found.location.line:
        location["region"] = {"startLine": found.location.line}
    return {
        "ruleId": found.code,
        "level": found.severity,
        "message": {"text": found.message},
        "locations": [{"physicalLocation": location}],
    }


def _line(found: Diagnostic) -> str:
    return f"{found.location}: {found.code}: {found.message}" if found.location else f"{found.code}: {found.message}"


def _verdict(verdict: Verdict) -> list[RenderableType]:
    tried = "1 pattern" if verdict.patterns == 1 else f"{verdict.patterns:,} patterns"
    if verdict.counterexample is not None:
        how = "broken"
    elif verdict.proved:
        how = f"proved, {tried}"
    else:
        how = f"not proved: {tried} sampled, and it held for them"
    parts: list[RenderableType] = [Text(f" {verdict.id}: {how}"), Padding(Text(verdict.text), (0, 0, 0, 3))]
    if verdict.counterexample is not None:
        example: str = yaml.safe_dump(verdict.counterexample, sort_keys=False, allow_unicode=True)
        parts.append(Padding(Text(f"It does not hold for this symptom file:\n{example.rstrip()}"), (0, 0, 0, 3)))
    return parts
