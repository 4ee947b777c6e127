"""What `check` found: as text for a terminal, and as SARIF for a code host to show where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from advisor.analysis.report import Fault, Proof, Report

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def view(report: Report) -> RenderableType:
    """Return the report as text: faults first, then what was proved, and what is covered."""
    parts: list[RenderableType] = [Text(_placed(fault)) for fault in (*report.faults, *report.warnings)]
    if report.proofs:
        tried = sum(proof.patterns for proof in report.proofs)
        parts += [Text(), Text(f"What must hold for any answers ({tried:,} patterns tried)", style="bold")]
        for proof in report.proofs:
            parts += _proof(proof)
    if report.coverage.rules:
        covered = report.coverage
        parts += [Text(), Text("Sources and rules", style="bold")]
        parts.append(
            Text(
                f" {covered.passages} passages: {covered.used} used, {covered.background} background; {covered.rules} "
                f"rules, {covered.rules_with_examples} with examples"
            )
        )
    if report.capacity:
        parts += [Text(), Text("Room in the rule engine", style="bold")]
        parts += [Text(f" {room.limit}: {room.used:,} of {room.most:,}") for room in report.capacity]
    number = len(report.faults)
    closing = (
        "No fault was found." if not number else "1 fault was found." if number == 1 else f"{number} faults were found."
    )
    return Group(*parts, Text(), Text(closing, style="bold"))


def sarif(report: Report, version: str) -> dict[str, Any]:
    """Return the faults as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format)."""
    codes = sorted({fault.code for fault in (*report.faults, *report.warnings)})
    driver = {
        "name": "nutrient-advisor",
        "version": version,
        "rules": [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes],
    }
    results = [_result(fault, "error") for fault in report.faults] + [_result(w, "warning") for w in report.warnings]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _placed(fault: Fault) -> str:
    place = f"{fault.file}:{fault.line}: " if fault.line else f"{fault.file}: " if fault.file else ""
    return f"{place}{fault.code}: {fault.message}"


def _proof(proof: Proof) -> list[RenderableType]:
    if proof.counterexample is not None:
        how = "broken"
    elif proof.proved:
        how = f"proved, {proof.patterns:,} patterns"
    else:
        how = f"not proved: {proof.patterns:,} patterns sampled, and it held for them"
    parts: list[RenderableType] = [Text(f" {proof.id}: {how}"), Padding(Text(proof.text), (0, 0, 0, 3))]
    if proof.counterexample is not None:
        example: str = yaml.safe_dump(proof.counterexample, sort_keys=False, allow_unicode=True)
        parts.append(Padding(Text(f"It does not hold for this symptom file:\n{example.rstrip()}"), (0, 0, 0, 3)))
    return parts


def _result(fault: Fault, level: str) -> dict[str, Any]:
    path = Path(fault.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    location: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if fault.line:
        location["region"] = {"startLine": fault.line}
    return {
        "ruleId": fault.code,
        "level": level,
        "message": {"text": fault.message},
        "locations": [{"physicalLocation": location}],
    }
