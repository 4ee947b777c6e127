"""Advice as text for a terminal, to be read at any width, by someone who may be worried.

Care comes first, then the nutrients with their reasons, then advice, cautions and the disclaimers. Returns something
rich can print; printing, width and colour are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from advisor.reasoning.evaluation import Evaluation
from advisor.render import phrases
from advisor.render.advice_view import AdviceView, CareNotice, NutrientCard, advice_view
from advisor.render.layout import bulleted

_CARE_STYLE = {"emergency": "bold red", "urgent": "bold red", "routine": "bold yellow", "none": "bold"}


def view(evaluation: Evaluation, trace: bool = False) -> RenderableType:
    """Return the advice as a renderable; with `trace`, the steps that led to it come before the disclaimers."""
    shown = advice_view(evaluation)
    parts: list[RenderableType] = [*care(shown.care), *_reported(shown), *_nutrients(shown)]
    parts += section(shown.advice_heading, shown.advice)
    parts += section("Be careful", shown.cautions)
    if trace:
        parts += _trace(evaluation)
    return Group(*parts, *closing(shown.disclaimers, shown.stamp))


def closing(disclaimers: Sequence[str], stamp: str) -> Iterator[RenderableType]:
    """Yield what stands at the end of everything that gives advice."""
    yield from section("Please remember", disclaimers)
    yield Text()
    yield Text(stamp, style="dim")


def section(title: str, texts: Sequence[str]) -> Iterator[RenderableType]:
    """Yield a heading with a list under it, or nothing where the list is empty."""
    if texts:
        yield from heading(title)
        yield bulleted(texts)


def care(notice: CareNotice) -> Iterator[RenderableType]:
    """Yield the notice whether to seek care."""
    yield Text(notice.heading.upper() if notice.pressing else notice.heading, style=_CARE_STYLE[notice.level])
    if notice.text:
        yield _indented(Text(notice.text))
    yield bulleted(notice.reasons)
    yield from section("Mention this as well", notice.others)


def _reported(shown: AdviceView) -> Iterator[RenderableType]:
    yield from heading(f"What was reported ({shown.case})")
    yield _indented(Text(shown.reported))
    if shown.denied:
        yield _indented(Text(shown.denied))


def _nutrients(shown: AdviceView) -> Iterator[RenderableType]:
    yield from heading(shown.nutrients_heading)
    yield _indented(Text(shown.nutrients_note))
    for card in shown.nutrients:
        yield Text()
        yield Text.assemble((f"{card.rank}. {card.name}", "bold"), f" ({card.answers})")
        yield _indented(Group(*_fields(card)))


def _fields(card: NutrientCard) -> Iterator[RenderableType]:
    for caution in card.careful:
        yield Text.assemble(("Careful: ", "bold yellow"), caution)
    yield _labelled("You reported", card.reported)
    yield Text("Why", style="bold")
    yield bulleted(card.why)
    yield _labelled("Evidence", card.evidence)
    yield _labelled("In the body", card.function)
    yield _labelled("In food", card.foods)
    yield _labelled("Ask your doctor", card.ask)


def _trace(evaluation: Evaluation) -> Iterator[RenderableType]:
    knowledge = evaluation.knowledge
    yield from heading("How this was concluded, step by step")
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
