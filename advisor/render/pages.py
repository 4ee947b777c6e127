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
from advisor.render.advice_view import AdviceView
from advisor.render.explanation_view import ExplanationView, Section, sources

if TYPE_CHECKING:
    from advisor.analysis.coverage import Coverage

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_LIST: Final = re.compile(r"^(\d+)([.)])|^([-+=])")


def advice_html(shown: AdviceView, sections: Sequence[Section], day: date) -> str:
    """Return the page to take to the doctor."""
    return _html("advice.html", f"Notes for a talk with a doctor: {shown.case}", shown, sections, day)


def advice_markdown(shown: AdviceView, sections: Sequence[Section], day: date) -> str:
    """Return the advice as Markdown."""
    return _rendered("advice.md", shown, sections, date=_long(day))


def explanation_html(view: ExplanationView, day: date) -> str:
    """Return an explanation as a page, after a notice that has to lead."""
    title = f"Explanation: {view.shown.case}"
    return _html("explanation.html", title, view.shown, view.sections, day, notice=view.notice)


def explanation_markdown(view: ExplanationView, day: date) -> str:
    """Return an explanation as Markdown."""
    title = f"Explanation: {view.shown.case}"
    return _rendered("explanation.md", view.shown, view.sections, title=title, notice=view.notice, date=_long(day))


def coverage_html(coverage: Coverage, summary: str, knowledge: Knowledge, day: date) -> str:
    """Return what became of the sources, and which rules cases use, as a page."""
    stamp = f"Knowledge {knowledge.version}, {knowledge.digest[:19]}"
    values = {"coverage": coverage, "summary": summary, "stamp": stamp, "disclaimers": (), "sources": ()}
    return _styled("coverage.html", "Where the rules come from", day, values)


def markdown_text(text: str) -> str:
    """Return text as it can stand in Markdown without becoming anything else."""
    line = _MARKS.sub(r"\\\1", " ".join(str(text).split())).replace("&", "&amp;")
    line = line.replace("://", ":\\//").replace("www.", "www\\.")  # or some readers make a link of it
    return _LIST.sub(r"\1\\\2\3" if line[:1].isdigit() else r"\\\3", line)


def _html(
    template: str, title: str, shown: AdviceView, sections: Sequence[Section], day: date, **values: object
) -> str:
    return _styled(template, title, day, {**_common(shown, sections), **values})


def _rendered(template: str, shown: AdviceView, sections: Sequence[Section], **values: object) -> str:
    return _text(template, {**_common(shown, sections), **values})


def _common(shown: AdviceView, sections: Sequence[Section]) -> dict[str, object]:
    cited = {"sections": sections, "sources": sources(sections)}
    return {"shown": shown, **cited, "disclaimers": shown.disclaimers, "stamp": shown.stamp}


def _styled(template: str, title: str, day: date, values: Mapping[str, object]) -> str:
    style = (_TEMPLATES / "style.css").read_text("utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # ours, and written into the page just as it was hashed
    safe = Markup(style)  # noqa: S704
    return _text(template, {"title": title, "date": _long(day), "style": safe, "style_hash": digest, **values})


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
    return environment


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
