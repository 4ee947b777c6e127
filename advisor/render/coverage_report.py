"""What became of the sources and which rules cases use, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from advisor.analysis.coverage import Coverage, Use
from advisor.render.listings import Rows


def view(coverage: Coverage) -> RenderableType:
    """Return the tables."""
    rows = [(p.id, ", ".join(p.used_by) or f"background: {p.background}") for p in coverage.passages]
    parts: list[RenderableType] = [Rows("Passages", ("Passage", "Became"), rows), Text(summary(coverage))]
    if coverage.cases or coverage.rejected:
        parts += [Text(), *_uses("Rules", "Rule", coverage.rules, "Cases in which it fired")]
        parts += [Text(), *_uses("Findings", "Finding", coverage.findings, "Cases in which it was reported")]
    return Group(*parts)


def summary(coverage: Coverage) -> str:
    """Return the counts in a sentence."""
    used = sum(bool(passage.used_by) for passage in coverage.passages)
    said = [f"{len(coverage.passages)} passages: {used} used, {len(coverage.passages) - used} background."]
    if coverage.cases or coverage.rejected:
        rules, findings = (sum(bool(use.cases) for use in uses) for uses in (coverage.rules, coverage.findings))
        said.append(f"{coverage.cases:,} cases ({coverage.rejected:,} more could not be read):")
        said.append(f"{rules} of {len(coverage.rules)} rules fired,")
        said.append(f"{findings} of {len(coverage.findings)} findings were reported.")
    return " ".join(said)


def _uses(title: str, noun: str, uses: tuple[Use, ...], how: str) -> Iterator[RenderableType]:
    yield Rows(title, (noun, how), [(use.id, f"{use.cases:,}" if use.cases else "never") for use in uses])
