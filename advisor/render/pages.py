"""Pages to keep, print and send: HTML in one file without scripts or requests, and Markdown. Made from templates.

In HTML everything is escaped by the template engine; in Markdown by the filter `md`. The page's own style is the only
one that its Content-Security-Policy lets through.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from advisor.model.knowledge import Knowledge
from advisor.render.advice_view import NOTHING, AdviceView
from advisor.render.branches import Section, legend
from advisor.render.citations import Citation
from advisor.render.explanation_view import ExplanationView

if TYPE_CHECKING:
    from advisor.analysis.coverage import Coverage

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_ADDRESS: Final = re.compile(r"https?://[^\s<>]+")
_LIST: Final = re.compile(r"^(\d+)([.)])|^([-+=])")


def advice_html(shown: AdviceView, sections: Sequence[Section], day: date) -> str:
    """Return the page to take to the doctor."""
    about = "Notes for a talk with a doctor"
    title = f"{shown.care.heading}. {about}" if shown.care.pressing else about
    return _styled("advice.html", f"{title}: {shown.case}", day, {**_advice(shown, sections), "about": about})


def advice_markdown(shown: AdviceView, sections: Sequence[Section], day: date) -> str:
    """Return the advice as Markdown."""
    return _text("advice.md", {**_advice(shown, sections), "date": _long(day)})


def explanation_html(view: ExplanationView, day: date) -> str:
    """Return an explanation as a page, after a notice that has to lead."""
    title = f"Explanation: {view.shown.case}"
    return _styled("explanation.html", title, day, _explanation(view))


def explanation_markdown(view: ExplanationView, day: date) -> str:
    """Return an explanation as Markdown."""
    title = f"Explanation: {view.shown.case}"
    return _text("explanation.md", {**_explanation(view), "title": title, "date": _long(day)})


def coverage_html(coverage: Coverage, summary: str, knowledge: Knowledge, day: date) -> str:
    """Return what became of the sources, and which rules cases use, as a page."""
    stamp = f"Knowledge {knowledge.version}, {knowledge.digest[:19]}"
    values = {"shown": None, "coverage": coverage, "summary": summary, "stamp": stamp}
    return _styled("coverage.html", "Where the rules come from", day, values)


def markdown_text(text: str) -> str:
    """Return text as it can stand in Markdown without becoming anything else."""
    line = _MARKS.sub(r"\\\1", " ".join(str(text).split())).replace("&", "&amp;")
    line = line.replace("://", ":\\//").replace("www.", "www\\.")  # or some readers make a link of it
    return _LIST.sub(r"\1\\\2\3" if line[:1].isdigit() else r"\\\3", line)


def markdown_link(address: str) -> str:
    """Return the address of a source as a link, which shows it in full; what is no address stays text."""
    return f"<{address}>" if _ADDRESS.fullmatch(address) else markdown_text(address)


def _advice(shown: AdviceView, sections: Sequence[Section]) -> dict[str, object]:
    """Return what the templates show of an advice. The mark for our reading is explained only once."""
    reading = "" if shown.legend else legend(sections)
    reasoning = [part for part in sections if part.branches]
    values = {"shown": shown, "nothing": NOTHING, "sections": reasoning, "legend": reading}
    return {**values, **_closing(shown.sources, shown)}


def _explanation(view: ExplanationView) -> dict[str, object]:
    shown = view.shown
    values = {"shown": shown, "sections": view.sections, "legend": view.legend, "notice": view.notice}
    return {**values, **_closing(view.sources, shown)}


def _closing(sources: Sequence[Citation], shown: AdviceView) -> dict[str, object]:
    numbers = {source.id: source.number for source in sources}
    return {"sources": sources, "numbers": numbers, "stamp": shown.stamp}


def _styled(template: str, title: str, day: date, values: Mapping[str, object]) -> str:
    style = (_TEMPLATES / "style.css").read_text("utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # ours, and written into the page just as it was hashed
    safe = Markup(style)  # noqa: S704
    page = {"title": title, "date": _long(day), "style": safe, "style_hash": digest}
    return _text(template, {**page, **values})


def _text(template: str, values: Mapping[str, object]) -> str:
    return _environment().get_template(template).render(values).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",)),
        undefined=StrictUndefined,
    )
    environment.filters["md"] = markdown_text
    environment.filters["md_link"] = markdown_link
    return environment


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
