"""Pages and graphs: safe whatever a person typed, readable on paper, on a phone, in the dark and by ear."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import random
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import oracle
import pytest
from builders import ROOT
from command import PATIENCE, Run
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sizes import rounds

import advisor
from advisor.model.knowledge import Knowledge
from advisor.render.pages import markdown_text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "</title></style></main> & &amp; &lt;",
    "[a](javascript:alert(1)) ![i](http://example.org/x.png)",
    "`code` **bold** _em_ ~~gone~~ | cell | <b>",
    "1. first",
    "- item",
    "# heading",
    "x\\\" ] } ; label=\"y",
    "a --> b; subgraph end click n0 href",
    "%%{init: {}}%%",
    "día 😀 ünï",
]  # fmt: skip


class Page(HTMLParser):
    """The tags of a page in order, and the text in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> is out of place"

    def handle_data(self, data: str) -> None:
        place = self.open[-1] if self.open else ""
        self.text[place] = self.text.get(place, "") + data


def symptom_file(folder: Path, case: str, findings: object = ("cramps_at_night", "fatigue")) -> Path:
    path = folder / "case.json"
    path.write_text(json.dumps({"case": case, "findings": findings}))
    return path


def markdown_tokens(text: str) -> list[Token]:
    """Everything that a reader of Markdown sees in it."""
    parsed = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [inner for token in parsed for inner in (token, *(token.children or []))]


PAGES = (("advise",), ("explain",), ("explain", "--why", "magnesium"), ("explain", "--why-not", "calcium"))


@pytest.mark.parametrize("command", PAGES, ids=" ".join)
def test_a_page_is_one_file_that_runs_and_fetches_nothing(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    name, *options = command
    text = run(name, symptom_file(tmp_path, "me"), *options, "--format", "html").stdout.decode()
    page = Page(text)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "base", "svg"}
    for _, attributes in page.tags:
        assert not {key for key in attributes if key.startswith("on") or key in ("src", "href", "style")}
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy") or ""
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("command", PAGES, ids=" ".join)
def test_a_page_is_built_for_screen_readers(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    name, *options = command
    page = Page(run(name, symptom_file(tmp_path, "me"), *options, "--format", "html").stdout.decode())
    assert ("html", {"lang": "en"}) in page.tags
    names = [tag for tag, _ in page.tags]
    assert [names.count(tag) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5
    headings = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(headings))
    identifiers = [a["id"] for _, a in page.tags if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    assert {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a} <= set(identifiers)
    assert names.count("details") == names.count("summary") > 0


@pytest.mark.parametrize("case", HOSTILE[:: rounds(1, 4)])
def test_whatever_a_case_is_called_it_stays_text(case: str, run: Run, tmp_path: Path, knowledge: Knowledge) -> None:
    path = symptom_file(tmp_path, "plain")
    plain = Page(run("advise", path, "--format", "html").stdout.decode())
    plain_tokens = {
        command: markdown_tokens(run(command, path, "--format", "markdown").stdout.decode())
        for command in ("advise", "explain")
    }
    symptom_file(tmp_path, case)
    page = Page(run("advise", path, "--format", "html").stdout.decode())
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert case in page.text["title"]
    assert case in page.text["p"]
    explained = Page(run("explain", path, "--format", "html").stdout.decode())
    assert case in explained.text["title"]
    assert any(case in text for tag, text in explained.text.items() if tag != "title")
    for command in ("advise", "explain"):
        tokens = markdown_tokens(run(command, path, "--format", "markdown").stdout.decode())
        links = {token.attrGet("href") for token in tokens if token.type == "link_open"}
        assert links <= {source.address for source in knowledge.sources}
        kinds = [token.type for token in tokens if token.type not in ("text", "text_special")]
        assert kinds == [token.type for token in plain_tokens[command] if token.type not in ("text", "text_special")]
        shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
        assert " ".join(case.split()) in " ".join(shown.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_a_list_stays_one_item_of_plain_text(text: str) -> None:
    page = MarkdownIt().render(f"- {markdown_text(text)}")
    assert page.count("<li>") == 1
    assert not re.search("<(?!/?(ul|li|p)>)", page)


def test_markdown_and_page_say_what_the_text_says(run: Run) -> None:
    example = ROOT / "examples" / "night-cramps.yaml"
    advice = json.loads(run("advise", example, "--format", "json").stdout)
    said = [nutrient["ask_your_doctor"] for nutrient in advice["nutrients"]]
    said += [item["text"] for key in ("advice", "cautions", "disclaimers") for item in advice[key]]
    said += [item["text"] for item in advice["care"]["items"]]
    said += [step["text"] for step in advice["trace"]]
    for form in ("markdown", "html"):
        shown = " ".join(run("advise", example, "--format", form).stdout.decode().split())
        for sentence in said:
            assert sentence in shown, (form, sentence)
        for nutrient in advice["nutrients"]:
            assert re.search(rf"{nutrient['rank']}( =)? {nutrient['name']} ", shown)


def test_in_an_emergency_nothing_on_the_page_comes_before_it(run: Run, tmp_path: Path) -> None:
    for findings, level in ((["stroke_signs"], "emergency"), (["one_leg_swollen_warm_or_red"], "urgent")):
        path = symptom_file(tmp_path, "me", [*findings, "muscle_cramps"])
        for command in ("advise", "explain"):
            text = run(command, path, "--format", "html").stdout.decode()
            page = Page(text)
            assert "Get emergency help now" in page.text["h1"] or "Get medical help urgently" in page.text["h1"]
            body = [tag for tag, _ in page.tags[[tag for tag, _ in page.tags].index("body") :]]
            assert body[:4] == ["body", "header", "section", "h1"]
            (care,) = (attributes for _, attributes in page.tags if attributes.get("id") == "care")
            assert care["data-level"] == level
        assert run("advise", path, "--format", "markdown").stdout.decode().startswith("# GET ")


def test_every_item_of_a_result_has_its_id_once_and_in_order(run: Run, advising: advisor.Advisor) -> None:
    rng = random.Random(7)
    for _ in range(rounds(60, 12)):
        answers = oracle.random_answers(rng)
        advice = advising.advise(answers)
        page = Page(
            run("advise", "-", "--format", "html", stdin=json.dumps({"findings": answers}).encode()).stdout.decode()
        )
        identifiers = [attributes["id"] or "" for _, attributes in page.tags if "id" in attributes]
        assert len(identifiers) == len(set(identifiers))
        (level,) = (attributes["data-level"] for _, attributes in page.tags if attributes.get("id") == "care")
        assert level == advice.care.level

        def of(kind: str, among: list[str] = identifiers) -> list[str]:
            return [name.removeprefix(f"{kind}-") for name in among if name.startswith(f"{kind}-")]

        assert of("nutrient") == [nutrient.id for nutrient in advice.nutrients]
        assert of("disclaimer") == [item.id for item in advice.disclaimers]
        assert sorted(of("advice")) == sorted(item.id for item in advice.advice)
        assert sorted(of("caution")) == sorted(item.id for item in advice.cautions)
        for caution in of("caution"):  # those that rest on what a person said come before all nutrients
            before = identifiers.index(f"caution-{caution}") < identifiers.index(
                "nutrients" if advice.nutrients else "care"
            )
            assert not advice.nutrients or before == (caution not in oracle.CARD_ONLY)


class Cells(HTMLParser):
    """The table of a page: rows of cells, each with its tag, its attributes and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, dict[str, str | None], str]]] = []
        self.feed(text[text.index("<table") : text.index("</table>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append((tag, dict(attrs), ""))
        self.hidden = ("aria-hidden", "true") in attrs

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and not self.hidden and data.strip():
            tag, attributes, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, attributes, text + data.strip())


def test_a_screen_reader_reads_the_table_as_what_points_to_what(run: Run, advising: advisor.Advisor) -> None:
    findings = ["muscle_cramps", "fatigue", "dehydration"]
    text = run("advise", "-", "--format", "html", stdin=json.dumps({"findings": findings}).encode()).stdout.decode()
    assert "<caption>What points to which nutrient</caption>" in text
    head, *rows = Cells(text).rows
    advice = advising.advise(findings)
    assert [(tag, attributes["scope"]) for tag, attributes, _ in head] == [("th", "col")] * (1 + len(advice.nutrients))
    assert [said for _, _, said in head] == ["What was reported", *(nutrient.name for nutrient in advice.nutrients)]
    assert all((row[0][0], row[0][1]["scope"]) == ("th", "row") for row in rows)
    assert all(tag == "td" for row in rows for tag, _, _ in row[1:])
    names = [advising.knowledge.finding[name].label for name in advice.answers]
    assert [row[0][2] for row in rows] == [*names, "Place", "Evidence"]
    for row, finding in zip(rows, advice.answers, strict=False):
        marks = [said for _, _, said in row[1:]]
        assert marks == ["yes" if finding in nutrient.matched else "" for nutrient in advice.nutrients]


def test_a_page_is_dated(run: Run, tmp_path: Path) -> None:
    path = symptom_file(tmp_path, "me")
    shown = run("advise", path, "--format", "html", env={"SOURCE_DATE_EPOCH": "1792368000"}).stdout
    assert b"Made on 19 October 2026." in shown
    assert shown == run("advise", path, "--format", "html", env={"SOURCE_DATE_EPOCH": "1792368000"}).stdout


def colours(style: str, dark: bool) -> dict[str, tuple[int, ...]]:
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6})", blocks[0] + (blocks[1] if dark else "")))
    full = {name: code if len(code) == 6 else "".join(c * 2 for c in code) for name, code in found.items()}
    return {name: tuple(bytes.fromhex(code)) for name, code in full.items()}


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The contrast ratio of WCAG 2.2 (1.4.3)."""

    def luminance(colour: tuple[int, ...]) -> float:
        parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_enough_contrast(dark: bool) -> None:
    style = (ROOT / "advisor" / "render" / "templates" / "style.css").read_text()
    colour = colours(style, dark)
    for text, papers in {
        "ink": ("paper", "card", "warn-paper"), "quiet": ("paper", "card"), "warn": ("paper", "card", "warn-paper")
    }.items():  # fmt: skip
        for paper in papers:
            assert contrast(colour[text], colour[paper]) >= 7, (text, paper)


def chromium(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the browser without a window, a profile or a network."""
    assert CHROMIUM
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    options += "--disable-component-update --disable-sync --hide-scrollbars --no-pdf-header-footer"
    return subprocess.run([CHROMIUM, *options.split(), *arguments], capture_output=True, timeout=PATIENCE)


needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
needs_poppler = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="no poppler-utils here")

FRAME = """
addEventListener("load", () => { document.title = frames[0].document.title; });
"""
PROBE = """
<script>
addEventListener("load", () => {
  const closed = document.querySelectorAll("details:not([open])").length;
  const table = document.querySelector(".overview");
  document.title = JSON.stringify({
    scroll: document.documentElement.scrollWidth, width: innerWidth, closed,
    table: table ? table.getBoundingClientRect().right : 0,
    style: getComputedStyle(document.querySelector(".card") || document.body).borderTopStyle,
    paper: getComputedStyle(document.body).backgroundColor,
  });
});
</script>
"""


def probed(page: str, width: int, folder: Path) -> dict[str, Any]:
    """What a page is like in a browser of this width. The page itself runs no script: its policy is opened for this."""
    opened = page.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
    (folder / "page.html").write_text(opened.replace("</body>", f"{PROBE}</body>"))
    # a window has a least width, a frame has none
    frame = f"<iframe src=page.html style='border:0;width:{width}px;height:600px'></iframe>"
    (folder / "frame.html").write_text(f"<body>{frame}<script>{FRAME}</script></body>")
    profile = (f"--user-data-dir={folder / 'profile'}", "--allow-file-access-from-files")
    shown = chromium(*profile, "--window-size=1300,900", "--dump-dom", (folder / "frame.html").as_uri())
    found = re.search("<title>(.*?)</title>", shown.stdout.decode(), re.DOTALL)
    assert found, shown.stderr.decode()
    measured: dict[str, Any] = json.loads(html.unescape(found[1]))
    assert measured["width"] == width
    return measured


@needs_browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_in_a_browser_the_page_has_its_style_and_fits_the_screen(
    width: int, run: Run, tmp_path: Path, knowledge: Knowledge
) -> None:
    long = "a-name-without-any-break-" * 7
    everything: dict[str, Any] = {finding.id: True for finding in knowledge.findings if finding.kind == "yes_no"}
    everything |= {"age": 80, "confirmed_deficiency": list(knowledge.nutrient)}
    for findings in (["cramps_at_night", "fatigue"], everything):
        text = run("advise", symptom_file(tmp_path, long, findings), "--format", "html").stdout.decode()
        found = probed(text, width, tmp_path)
        assert found["style"] == "solid", "the Content-Security-Policy keeps the page's own style out"
        assert found["scroll"] <= width
        assert 0 < found["table"] <= width
        assert found["closed"] > 5


def printed(page: Path, folder: Path) -> tuple[int, str]:
    """How many pages of paper a page takes, and what stands there, without white space."""
    paper = folder / "page.pdf"
    chromium(f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={paper}", page.as_uri())
    information = subprocess.run(["pdfinfo", paper], capture_output=True, check=True).stdout.decode()
    text = subprocess.run(["pdftotext", "-raw", paper, "-"], capture_output=True, check=True).stdout.decode()
    (pages,) = re.findall(r"Pages:\s+(\d+)", information)
    return int(pages), "".join(text.split())


@needs_browser
@needs_poppler
def test_printed_a_result_takes_two_pages_and_its_reasoning_is_on_paper_if_it_was_opened(
    run: Run, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    for example in sorted((ROOT / "examples").iterdir()):
        run("advise", example, "--format", "html", "--output", page)
        advice = json.loads(run("advise", example, "--format", "json").stdout)
        pages, text = printed(page, tmp_path)
        assert pages <= 2, example.name
        for item in [*advice["cautions"], *advice["advice"], *advice["disclaimers"]]:
            assert "".join(item["text"].split()) in text
        assert "Howthiswasconcluded" not in text
        page.write_text(page.read_text().replace('<details class="reasoning">', '<details class="reasoning" open>'))
        _, text = printed(page, tmp_path)
        assert "Howthiswasconcluded" in text
        for step in advice["trace"]:
            assert step["rule"] in text, "a line of the reasoning that is closed on the screen is open on paper"


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz here")
@pytest.mark.parametrize("case", HOSTILE[:: rounds(1, 4)])
def test_graphviz_draws_what_is_meant_whatever_the_case_is_called(case: str, run: Run, tmp_path: Path) -> None:
    path = symptom_file(tmp_path, case)
    for question in ([], ["--why", "magnesium"], ["--why-not", "calcium"], ["--what-if", "tingling=yes"]):
        graph = run("explain", path, *question, "--format", "dot").stdout
        drawn = subprocess.run(["dot", "-Tjson"], input=graph, capture_output=True, timeout=PATIENCE)
        assert drawn.returncode == 0, drawn.stderr
        made = json.loads(drawn.stdout)
        assert case.replace("\\", "\\\\") in made["label"].replace("\\\\", "\\\\") or case in made["label"]
        nodes = made["objects"]
        assert all(re.fullmatch(r"[nq]\d+", node["name"]) for node in nodes)
        assert graph.count(b" -> ") >= len(made["edges"]) > 0


def test_mermaid_holds_nothing_but_what_is_escaped(run: Run, tmp_path: Path) -> None:
    for case in HOSTILE:
        for question in ([], ["--why-not", "calcium"], ["--what-if", "tingling=yes"]):
            graph = run("explain", symptom_file(tmp_path, case), *question, "--format", "mermaid").stdout.decode()
            kind, *lines = graph.splitlines()
            assert kind == "flowchart LR"
            node = re.compile(r'  (n\d+|q\d+|remember)[\[>]"([\w .,()-]|#\d+;|<br>)*"\]')
            edge = re.compile(r"  [nq]\d+ --> [nq]\d+")
            assert all(node.fullmatch(line) or edge.fullmatch(line) for line in lines)


@pytest.mark.parametrize("case", [["cramps_at_night", "dehydration", "rarely_eats_leafy_greens"], []], ids=str)
def test_nothing_in_a_graph_leads_back_to_itself(case: list[str], run: Run, tmp_path: Path) -> None:
    path = symptom_file(tmp_path, "x", [*case, "rarely_eats_nuts_seeds_whole_grains"])
    for question in ([], ["--why", "magnesium"], ["--why-not", "vitamin_b6"], ["--what-if", "fatigue=yes"]):
        graph = run("explain", path, *question, "--format", "dot").stdout.decode()
        edges = re.findall(r"  ([nq]\d+) -> ([nq]\d+)", graph)
        left = {node for edge in edges for node in edge}
        while free := {node for node in left if not any(a in left and b == node for a, b in edges)}:
            left -= free
        assert not left, "a circle"
        assert len(re.findall(r"  [nq]\d+ \[label", graph)) >= 1


def test_graphs_hold_every_rule_behind_a_conclusion(run: Run, tmp_path: Path, advising: advisor.Advisor) -> None:
    rng = random.Random(41)
    for _ in range(rounds(5, 3)):
        answers = oracle.random_answers(rng)
        path = symptom_file(tmp_path, "x", answers)
        advice = advising.advise(answers)
        for form in ("dot", "mermaid"):
            graph = run("explain", path, "--format", form).stdout.decode().replace("#95;", "_")
            for nutrient in advice.nutrients:
                assert all(f"({rule})" in graph for rule in nutrient.rules)
