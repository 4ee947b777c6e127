"""Explanations as graphs, in the languages of Graphviz (DOT) and Mermaid: from what was reported to what follows.

The same thing is one node wherever it stands. Text of any kind is escaped, so that it cannot become part of the graph.
A pressing notice and the disclaimers stand with the graph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from advisor.render.branches import Branch, Section, all_branches, in_sections
from advisor.render.explanation_view import ExplanationView

_WIDTH = 30  # characters of a line in a node
_BROAD = 100  # and of one in what stands with the graph


def dot(view: ExplanationView) -> str:
    """Return the graph for Graphviz."""
    beside = [line for text in _beside(view) for line in textwrap.wrap(text, _BROAD)]
    lines = ["digraph explanation {", f"  graph [rankdir=LR, label={_dot(beside)}, labelloc=t, fontname=sans]"]
    lines.append("  node [shape=box, style=rounded, fontname=sans]")
    labels, edges = _graph(view.sections)
    lines += [f"  {name} [label={_dot(label)}]" for name, label in labels.items()]
    lines += [f"  {one} -> {other}" for one, other in edges]
    return "\n".join([*lines, "}", ""])


def mermaid(view: ExplanationView) -> str:
    """Return the graph for Mermaid."""
    labels, edges = _graph(view.sections)
    lines = ["flowchart LR", f"  remember>{_mermaid(_beside(view))}]"]
    lines += [f"  {name}[{_mermaid(label)}]" for name, label in labels.items()]
    lines += [f"  {one} --> {other}" for one, other in edges]
    return "\n".join([*lines, ""])


def _beside(view: ExplanationView) -> list[str]:
    """Return what stands with the graph: a pressing notice, what is explained, the disclaimers."""
    shown, notice = view.shown, view.notice
    care = []
    if notice:
        signs = (f"{signs.heading}: {signs.line}." for signs in notice.signs)
        care = [" ".join([f"{notice.heading.upper()}.", *signs, *(item.text for item in notice.reasons)])]
    legend = [view.legend] if view.legend else []
    return [*care, f"Explanation: {shown.case}", *legend, *(item.text for item in shown.disclaimers)]


def _graph(sections: Sequence[Section]) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the nodes, by name, with the lines of their labels, and the edges from what leads to what follows."""
    said = _each_once(in_sections(sections))
    names = {key: f"n{place}" for place, key in enumerate(said)}
    labels = {names[key]: _label(branch) for key, branch in said.items()}
    edges: dict[tuple[str, str], None] = {}
    for place, part in enumerate(sections):
        if part.kind == "proofs" and part.branches:
            found = [(names[one], names[other]) for one, other in _leading(part.branches)]
        else:  # the question itself is a node: what ways lead to, or changes come from
            question = f"q{place}"
            labels[question] = textwrap.wrap(f"{part.heading}. {part.text}".strip(), _WIDTH)
            around = _ways if part.kind == "ways" else _changes
            found = around(part, question, names)
        edges.update(dict.fromkeys(found))
    return labels, list(edges)


def _each_once(branches: Iterable[Branch]) -> dict[Hashable, Branch]:
    """Return each different thing by its key, as the branch that says most of it."""
    said: dict[Hashable, Branch] = {}
    for branch in branches:
        if branch.key not in said or (branch.grounds and not said[branch.key].grounds):
            said[branch.key] = branch
    return said


def _leading(branches: Sequence[Branch]) -> Iterator[tuple[Hashable, Hashable]]:
    """Yield what leads to what, by key."""
    for branch in all_branches(branches):
        for inner in branch.grounds:
            if inner.leads and inner.key != branch.key:
                yield inner.key, branch.key


def _ways(part: Section, question: str, names: Mapping[Hashable, str]) -> list[tuple[str, str]]:
    """Return edges from each way through the rules that would fire to the question."""
    edges = []
    for branch in part.branches:
        rules = [names[inner.key] for inner in branch.branches]
        edges += [(names[branch.key], one) for one in rules or [question]]
        edges += [(one, question) for one in rules]
    return edges


def _changes(part: Section, question: str, names: Mapping[Hashable, str]) -> list[tuple[str, str]]:
    """Return edges from the question, and from the rules that explain it, to each change."""
    edges = []
    for branch in part.branches:
        edges.append((question, names[branch.key]))
        edges += [(names[inner.key], names[branch.key]) for inner in branch.branches]
    return edges


def _label(branch: Branch) -> list[str]:
    said = branch.said if branch.elsewhere else branch.text
    lines = [] if branch.unnamed else textwrap.wrap(said, _WIDTH)
    lines += textwrap.wrap(branch.reason, _WIDTH)
    return lines + ([f"({branch.rule})"] if branch.rule else [])


def _dot(lines: Sequence[str]) -> str:
    escaped = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{escaped}"'


def _mermaid(lines: Sequence[str]) -> str:
    # all but letters, digits and plain punctuation as a character code, which Mermaid shows as the character
    safe = ("".join(c if c.isalnum() or c in " .,-()" else f"#{ord(c)};" for c in line) for line in lines)
    return f'"{"<br>".join(safe)}"'
