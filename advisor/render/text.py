"""Advice as text for a terminal, to be read at any width, by someone who may be worried.

Returns something rich can print, in the order of `AdviceView`; printing, width and colour are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from advisor.reasoning.advice import Disclaimer
from advisor.reasoning.evaluation import Evaluation
from advisor.render import phrases
from advisor.render.advice_view import NOTHING, AdviceView, advice_view
from advisor.render.care_view import CareNotice
from advisor.render.citations import Citation
from advisor.render.layout import bulleted, referenced
from advisor.render.nutrient_view import NutrientCard
from advisor.render.overview_text import OverviewTable

_CARE_STYLE = {"emergency": "bold red", "urgent": "bold red", "routine": "bold yellow", "none": "bold"}


def view(evaluation: Evaluation, trace: bool = False) -> RenderableType:
    """Return the advice as a renderable; with `trace`, the steps that led to it come before the disclaimers."""
    shown = advice_view(evaluation)
    parts: list[RenderableType] = [*care(shown.care), *_reported(shown)]
    parts += section(shown.cautions_heading, (item.text for item in shown.cautions))
    parts += _nutrients(shown)
    parts += section(shown.advice_heading, (item.text for item in shown.advice))
    if trace:
        parts += _trace(evaluation, explained=bool(shown.legend))
    return Group(*parts, *closing(shown.disclaimers, shown.sources, shown.stamp))


def closing(disclaimers: Iterable[Disclaimer], sources: Iterable[Citation], stamp: str) -> Iterator[RenderableType]:
    """Yield what stands at the end of everything that gives advice."""
    yield from section(AdviceView.disclaimers_heading, (item.text for item in disclaimers))
    yield from heading(AdviceView.sources_heading)
    yield referenced((source.number, source.text) for source in sources)
    yield Text()
    yield Text(stamp, style="dim")


def section(title: str, texts: Iterable[str]) -> Iterator[RenderableType]:
    """Yield a heading with a list under it, or nothing where the list is empty."""
    listed = tuple(texts)
    if listed:
        yield from heading(title)
        yield bulleted(listed)


def care(notice: CareNotice) -> Iterator[RenderableType]:
    """Yield the notice whether to seek care."""
    yield Text(notice.heading.upper() if notice.pressing else notice.heading, style=_CARE_STYLE[notice.level])
    for signs in notice.signs:
        yield from (_indented(_labelled(signs.heading, signs.line)), Text())
    if notice.text:
        yield _indented(Text(notice.text))
    if notice.reasons:
        yield bulleted(item.text for item in notice.reasons)
    yield from section(notice.others_heading, (item.label for item in notice.others))
    yield from section(notice.watch_heading, notice.watch_for)


def _reported(shown: AdviceView) -> Iterator[RenderableType]:
    yield from heading(f"{shown.reported_heading} ({shown.case})")
    for said in shown.reported:
        yield _indented(_labelled(said.heading, said.line))
    if not shown.reported:
        yield _indented(Text(NOTHING))


def _nutrients(shown: AdviceView) -> Iterator[RenderableType]:
    if not shown.nutrients_heading:
        return
    yield from heading(shown.nutrients_heading)
    yield _indented(Text(shown.nutrients_note))
    if shown.nutrients:
        yield from (Text(), Text(shown.overview_heading, style="bold"), OverviewTable(shown.overview))
    if shown.legend:
        yield from (Text(), _indented(Text(shown.legend)))
    for card in shown.nutrients:
        yield Text()
        yield Text.assemble((f"{card.place}  {card.name}", "bold"), f" ({card.pointing})")
        yield _indented(Group(*_fields(card)))


def _fields(card: NutrientCard) -> Iterator[RenderableType]:
    for caution in card.cautions:
        yield Text.assemble(("Careful: ", "bold yellow"), caution.text)
    if len(card.why) == 1:
        yield _labelled("Why", *card.why)
    else:
        yield Text("Why:", style="bold")
        yield bulleted(card.why)
    yield _labelled("Evidence", card.evidence)
    yield _labelled("In food", card.foods)
    yield _labelled("Ask your doctor", card.ask)


def _trace(evaluation: Evaluation, explained: bool) -> Iterator[RenderableType]:
    """Yield the steps. The mark for our reading is explained, where it was not before."""
    knowledge = evaluation.knowledge
    yield from heading("How this was concluded, step by step")
    if not explained and any(firing.rule.basis == "interpreted" for firing in evaluation.firings):
        yield _indented(Text(phrases.OUR_READING))
    for number, firing in enumerate(evaluation.firings, 1):
        rule = firing.rule
        yield Text()
        yield Text.assemble((f"{number}. ", "bold"), (rule.id, "bold"))
        yield _indented(
            Group(
                _labelled("From", "; ".join(phrases.fact(knowledge, fact) for fact in firing.premises)),
                _labelled("Follows", phrases.concluded(knowledge, rule.concludes)),
                Text(phrases.reason(rule.rationale, rule.basis)),
                *(Text(f"[{name}] {phrases.passage(knowledge, name)}", style="dim") for name in rule.source),
            )
        )


def heading(text: str) -> Iterator[RenderableType]:
    """Yield a heading with space before it."""
    yield Text()
    yield Text(text, style="bold underline")


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "bold"), text)


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 3))
