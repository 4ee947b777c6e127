"""Explanations as graphs, in the languages of Graphviz (DOT) and Mermaid: from what was reported to what follows.

The same thing is one node wherever it stands. Text of any kind is escaped, so that it cannot become part of the graph.
A pressing notice and the disclaimers stand with the graph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from advisor.render.advice_view import CareNotice, Content
from advisor.render.explanation_view import Branch, Section, all_branches

_WIDTH = 30  # characters of a line in a node
_BROAD = 100  # and of one in what stands with the graph


def dot(sections: Sequence[Section], shown: Content, notice: CareNotice | None) -> str:
    """Return the graph for Graphviz."""
    beside = [line for text in _beside(shown, notice) for line in textwrap.wrap(text, _BROAD)]
    lines = ["digraph explanation {", f"  graph [rankdir=LR, label={_dot(beside)}, labelloc=t, fontname=sans]"]
    lines.append("  node [shape=box, style=rounded, fontname=sans]")
    labels, edges = _graph(sections)
    lines += [f"  {name} [label={_dot(label)}]" for name, label in labels.items()]
    lines += [f"  {one} -> {other}" for one, other in edges]
    return "\n".join([*lines, "}", ""])


def mermaid(sections: Sequence[Section], shown: Content, notice: CareNotice | None) -> str:
    """Return the graph for Mermaid."""
    labels, edges = _graph(sections)
    lines = ["flowchart LR", f"  remember>{_mermaid(_beside(shown, notice))}]"]
    lines += [f"  {name}[{_mermaid(label)}]" for name, label in labels.items()]
    lines += [f"  {one} --> {other}" for one, other in edges]
    return "\n".join([*lines, ""])


def _beside(shown: Content, notice: CareNotice | None) -> list[str]:
    care = [f"{notice.heading.upper()}. {' '.join(notice.reasons)}"] if notice else []
    return [*care, f"Explanation: {shown.case}", *shown.disclaimers]


def _graph(sections: Sequence[Section]) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the nodes, by name, with the lines of their labels, and the edges."""
    said: dict[str, Branch] = {}  # each different thing once, as the branch that says most of it
    for branch in all_branches(branch for part in sections for branch in part.branches):
        if branch.key not in said or (branch.branches and not said[branch.key].branches):
            said[branch.key] = branch
    names = {key: f"n{place}" for place, key in enumerate(said)}
    labels = {names[key]: _label(branch) for key, branch in said.items()}
    edges: dict[tuple[str, str], None] = {}
    for place, part in enumerate(sections):
        if part.kind == "proofs" and part.branches:
            found = [(names[one], names[other]) for one, other in _proved(part.branches)]
        else:  # the question itself is a node: what ways lead to, or changes come from
            question = f"q{place}"
            labels[question] = textwrap.wrap(f"{part.heading}. {part.text}".strip(), _WIDTH)
            found = []
            for branch in part.branches:
                around = [names[inner.key] for inner in branch.branches]
                if part.kind == "ways":
                    found += [(names[branch.key], one) for one in around or [question]]
                    found += [(one, question) for one in around]
                else:
                    found += [(question, names[branch.key]), *((one, names[branch.key]) for one in around)]
        edges.update(dict.fromkeys(found))
    return labels, list(edges)


def _proved(branches: Sequence[Branch]) -> Iterator[tuple[str, str]]:
    """Yield what leads to what, by key. What adds weight to a nutrient is not what it follows from."""
    for branch in all_branches(branches):
        for inner in branch.branches:
            if inner.key not in (branch.key, f"{branch.key} weight"):
                yield inner.key, branch.key


def _label(branch: Branch) -> list[str]:
    said = branch.text.removesuffix(" (as explained above)")
    lines = [] if said == "By one rule" else textwrap.wrap(said, _WIDTH)
    lines += textwrap.wrap(branch.reason, _WIDTH)
    return lines + ([f"({branch.rule})"] if branch.rule else [])


def _dot(lines: Sequence[str]) -> str:
    escaped = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{escaped}"'


def _mermaid(lines: Sequence[str]) -> str:
    # all but letters, digits and plain punctuation as a character code, which Mermaid shows as the character
    safe = ("".join(c if c.isalnum() or c in " .,-()" else f"#{ord(c)};" for c in line) for line in lines)
    return f'"{"<br>".join(safe)}"'
