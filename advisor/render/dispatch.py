"""One piece of advice, or an explanation, in the form that was asked for: text, JSON, Markdown, a page, a graph.

Here it is known which forms there are. What is heavy to import is imported for the form that needs it.
"""

from __future__ import annotations

from datetime import date
from typing import Final, TextIO

from advisor.reasoning.advice import to_json
from advisor.reasoning.evaluation import Evaluation, Explanation
from advisor.render import explanation_view
from advisor.render.advice_view import advice_view

ADVICE_FORMS: Final = ("text", "json", "markdown", "html")
EXPLANATION_FORMS: Final = ("text", "json", "markdown", "mermaid", "dot", "html")


def advice(evaluation: Evaluation, form: str, trace: bool, day: date, stream: TextIO) -> str:
    """Return the advice in one of `ADVICE_FORMS`; text fits `stream`.

    `trace` adds the steps that led to it; pages, Markdown and JSON hold them in any case.
    """
    if form == "json":
        return to_json(evaluation.advice).decode() + "\n"
    if form == "text":
        from advisor.render import text
        from advisor.render.terminal import show

        return show(text.view(evaluation, trace), stream)
    from advisor.render import pages

    shown = advice_view(evaluation)
    page = pages.advice_html if form == "html" else pages.advice_markdown
    return page(shown, tuple(explanation_view.reasoning(evaluation, shown)), day)


def explanation(explained: Explanation, form: str, day: date, stream: TextIO) -> str:
    """Return an explanation in one of `EXPLANATION_FORMS`; text fits `stream`."""
    if form == "json":
        from advisor.render import explanation_json

        return explanation_json.lines(explained)
    view = explanation_view.explanation_view(explained)
    if form in ("mermaid", "dot"):
        from advisor.render import graphs

        return graphs.mermaid(view) if form == "mermaid" else graphs.dot(view)
    if form == "text":
        from advisor.render import trees
        from advisor.render.terminal import show

        return show(trees.view(view), stream)
    from advisor.render import pages

    return pages.explanation_html(view, day) if form == "html" else pages.explanation_markdown(view, day)
