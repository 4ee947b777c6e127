"""Explanations as graphs, in the languages of Graphviz (DOT) and Mermaid: from what was reported to what follows.

The same thing is one node wherever it stands. Text of any kind is escaped, so that it cannot become part of the graph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from advisor.render.explained import Branch, Section, keys

_WIDTH = 30  # characters of a line in a node


def dot(sections: Sequence[Section], title: str, notes: Sequence[str]) -> str:
    """Return the graph for Graphviz; `notes` stand below it."""
    label = _dot_text("\n".join([title, *(line for note in notes for line in textwrap.wrap(note, 100))]))
    lines = ["digraph explanation {", f"  graph [rankdir=LR, label={label}, labelloc=b, fontname=sans]"]
    lines += ["  node [shape=box, style=rounded, fontname=sans]"]
    return "\n".join([*lines, *_body(sections, _dot_node, "  {} -> {}"), "}", ""])


def mermaid(sections: Sequence[Section], title: str, notes: Sequence[str]) -> str:
    """Return the graph for Mermaid; `notes` become a node of their own."""
    lines = [f"%% {' '.join(title.split())}", "flowchart LR"]
    remember = f"  remember>{_mermaid_text(' '.join(notes))}]"
    return "\n".join([*lines, *_body(sections, _mermaid_node, "  {} --> {}"), remember, ""])


def _body(sections: Sequence[Section], node: Callable[[str, Branch], str], edge: str) -> list[str]:
    known = keys(sections)
    number = {key: f"n{place}" for place, key in enumerate(known)}
    lines = [node(number[key], branch) for key, branch in known.items()]
    edges = {
        edge.format(number[inner.key], number[key]): None
        for key, branch in known.items()
        for inner in branch.branches
        if inner.key != key
    }
    return [*lines, *edges]


def _label(branch: Branch) -> str:
    said = branch.text.removesuffix(" (as explained above)")
    if said == "By one rule":
        said = branch.reason
    return "\n".join([*textwrap.wrap(said, _WIDTH), *([f"({branch.rule})"] if branch.rule else [])])


def _dot_node(name: str, branch: Branch) -> str:
    return f"  {name} [label={_dot_text(_label(branch))}]"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _mermaid_node(name: str, branch: Branch) -> str:
    return f"  {name}[{_mermaid_text(_label(branch))}]"


def _mermaid_text(text: str) -> str:
    # everything but letters, digits and plain punctuation as a character code, which Mermaid shows as the character
    safe = "".join(c if c.isalnum() or c in " .,-()" else "<br>" if c == "\n" else f"#{ord(c)};" for c in text)
    return f'"{safe}"'
