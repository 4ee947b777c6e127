"""One piece of advice, or an explanation, in the form that was asked for: text, JSON, Markdown, a page, a graph.

The only place that knows which forms there are. What is heavy to import is imported for the form that needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, TextIO

import msgspec

from advisor.model.answers import Answers
from advisor.model.knowledge import LEVELS, Answer
from advisor.reasoning import explain
from advisor.reasoning.advice import Advice, to_json
from advisor.render import explanation_view
from advisor.render.advice_view import CareNotice, Content, content
from advisor.render.explanation_view import Section

if TYPE_CHECKING:
    from advisor import Advisor

ADVICE_FORMS: Final = ("text", "json", "markdown", "html")
EXPLANATION_FORMS: Final = ("text", "json", "markdown", "mermaid", "dot", "html")


class Questions(msgspec.Struct, frozen=True):
    """What is to be explained; everything where nothing is named."""

    why: tuple[str, ...] = ()
    why_not: tuple[str, ...] = ()
    what_if: Mapping[str, Answer | None] = {}


def advice(advising: Advisor, found: Advice, form: str, trace: bool, day: date, stream: TextIO) -> str:
    """Return the advice in a form; text fits `stream`. The forms with no choice in it hold the reasoning anyway."""
    if form == "json":
        return to_json(found).decode() + "\n"
    if form == "text":
        from advisor.render import text
        from advisor.render.terminal import show

        return show(text.view(found, advising.knowledge, trace), stream)
    from advisor.render import pages

    shown = content(found, advising.knowledge)
    sections = tuple(_reasoning(advising, Answers(found.case, found.answers), shown))
    page = pages.advice_html if form == "html" else pages.advice_markdown
    return page(shown, sections, day)


def explanation(advising: Advisor, answers: Answers, questions: Questions, form: str, day: date, stream: TextIO) -> str:
    """Return an explanation in a form; text fits `stream`. Raises AdvisorError where a question names nothing known."""
    if form == "json":
        return "".join(msgspec.json.encode(item).decode() + "\n" for item in _objects(advising, answers, questions))
    shown = content(advising.advise(answers), advising.knowledge)
    notice = _notice(advising, answers, questions, shown)
    sections = tuple(_sections(advising, answers, questions, shown, notice))
    if form in ("mermaid", "dot"):
        from advisor.render import graphs

        graph = graphs.mermaid if form == "mermaid" else graphs.dot
        return graph(sections, shown, notice)
    if form == "text":
        from advisor.render import trees
        from advisor.render.terminal import show

        return show(trees.view(sections, shown, notice), stream)
    from advisor.render import pages

    page = pages.explanation_html if form == "html" else pages.explanation_markdown
    return page(shown, notice, sections, day)


def _notice(advising: Advisor, answers: Answers, questions: Questions, shown: Content) -> CareNotice | None:
    """Return what has to lead an explanation: a pressing matter, also where it is what another answer would mean."""
    if questions.what_if:
        then = explain.altered(advising.knowledge, answers, questions.what_if)
        supposed = content(advising.advise(then), advising.knowledge).care
        if supposed.pressing and LEVELS.index(supposed.level) < LEVELS.index(shown.care.level):
            return msgspec.structs.replace(supposed, heading=f"With these other answers: {supposed.heading}")
    return shown.care if shown.care.pressing else None


def _reasoning(advising: Advisor, answers: Answers, shown: Content) -> Iterator[Section]:
    whys = explain.reasoning(advising, answers)
    return explanation_view.reasoning(whys, explain.loose_ends(advising, answers), advising.knowledge, shown)


def _sections(
    advising: Advisor, answers: Answers, questions: Questions, shown: Content, notice: CareNotice | None
) -> Iterator[Section]:
    knowledge, pressing = advising.knowledge, notice is not None
    for asked, names in ((True, questions.why), (False, questions.why_not)):
        for name in names:
            full = explain.resolve(knowledge, name)
            found = explain.why(advising, answers, full) if asked else explain.why_not(advising, answers, full)
            yield from explanation_view.section(found, asked, knowledge, full, answers.given, pressing)
    if questions.what_if:
        changes = explain.what_if(advising, answers, questions.what_if)
        yield from explanation_view.what_if(changes, knowledge, questions.what_if, pressing)
    if questions == Questions():
        yield from _reasoning(advising, answers, shown)


def _objects(advising: Advisor, answers: Answers, questions: Questions) -> Iterator[dict[str, object]]:
    """Yield the JSON objects of an explanation, one for each question."""
    found: list[msgspec.Struct] = [explain.why(advising, answers, name) for name in questions.why]
    found += [explain.why_not(advising, answers, name) for name in questions.why_not]
    if questions.what_if:
        found.append(explain.what_if(advising, answers, questions.what_if))
    disclaimers = [{"id": item.id, "text": item.text} for item in advising.knowledge.disclaimers]
    for item in found:
        yield {**msgspec.structs.asdict(item), "disclaimers": disclaimers}
    if questions == Questions():
        whys: Sequence[explain.Why] = explain.reasoning(advising, answers)
        yield {"case": answers.case, "why": whys, "disclaimers": disclaimers}
