"""From the YAML of `knowledge/` and `rules/` to one validated `Knowledge`, or to every fault at once.

Here it is known which files a knowledge folder holds. The loader checks that whatever is named exists. Whether the
rules are wise is for `advisor.analysis`, whether the engine can hold them for `advisor.engine.limits`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, get_args

import msgspec

from advisor.diagnostics import Diagnostic, KnowledgeError, Location, nearest, printable
from advisor.model.knowledge import (
    DISCLAIMERS,
    LEVELS,
    PRESSING,
    CareItem,
    CareLevel,
    Derived,
    Evidence,
    EvidenceStatus,
    Finding,
    Group,
    Guidance,
    Kind,
    Knowledge,
    Nutrient,
    Passage,
    Screen,
    Source,
    Verb,
)
from advisor.source import positioned
from advisor.source.fields import Record, root
from advisor.source.positioned import Document, DocumentError
from advisor.source.rules import Names, in_firing_order, read_rules

FILES: Final = ("about", "derived", "findings", "guidance", "interview", "nutrients", "sources")
TOOLS: Final = ("invariants", "language")  # what `check` holds the others against; no advice depends on them


def shipped(folder: str) -> Path:
    """Return the folder (`knowledge` or `rules`) that came with the package, installed or in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "data" / folder
    return installed if installed.is_dir() else package.parent / folder


_SOURCE_KEYS: Final = ("id", "title", "publisher", "address", "date", "read", "passages")


class Folders(msgspec.Struct, frozen=True):
    """The documents of a knowledge folder and a rules folder, by the stems of their files."""

    known: dict[str, Document]
    ruled: dict[str, Document]
    problems: tuple[Diagnostic, ...]  # why some could not be read


def load(knowledge: Path | str | None = None, rules: Path | str | None = None) -> Knowledge:
    """Load and validate a knowledge folder and a rules folder; those that ship with the package by default.

    Raises KnowledgeError with all the faults of all files, each with file and line.
    """
    return build(read(knowledge, rules))


def read(knowledge: Path | str | None = None, rules: Path | str | None = None) -> Folders:
    """Read the files of both folders, those that ship with the package by default."""
    knowledge_folder = Path(knowledge) if knowledge is not None else shipped("knowledge")
    problems: list[Diagnostic] = []
    known = _read_folder(knowledge_folder, problems)
    ruled = _read_folder(Path(rules) if rules is not None else shipped("rules"), problems)
    for name in known:
        if name not in (*FILES, *TOOLS):
            hint = nearest(name, (*FILES, *TOOLS))
            problems.append(Diagnostic(Location(known[name].name), "schema", f"not one of the knowledge files{hint}"))
    for name in FILES:
        if known and name not in known and not any(Path(p.location.file).stem == name for p in problems):
            problems.append(
                Diagnostic(Location(printable(str(knowledge_folder / f"{name}.yaml"))), "schema", "is missing")
            )
    return Folders(known, ruled, tuple(problems))


def build(folders: Folders) -> Knowledge:
    """Validate what was read and make it one. Raises KnowledgeError with all faults."""
    problems = list(folders.problems)
    if problems:
        raise KnowledgeError(problems)
    loaded = _build(folders.known, list(folders.ruled.values()), problems)
    if problems:
        raise KnowledgeError(problems)
    return loaded


def _read_folder(folder: Path, problems: list[Diagnostic]) -> dict[str, Document]:
    """Read the YAML files of a folder by stem, in the order of their names."""
    read: dict[str, Document] = {}
    try:
        paths = sorted((p for p in folder.iterdir() if p.suffix.lower() in (".yaml", ".yml")), key=lambda p: p.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.append(Diagnostic(Location(printable(str(folder))), "unreadable", f"cannot be read: {reason}"))
        return read
    if not paths:
        problems.append(Diagnostic(Location(printable(str(folder))), "schema", "holds no .yaml files"))
    for path in paths:
        if path.stem in read:
            problems.append(
                Diagnostic(
                    Location(printable(str(path))), "schema", f"stands beside {read[path.stem].name}; keep one of them"
                )
            )
        try:
            read[path.stem] = positioned.read(path)
        except DocumentError as error:
            problems.extend(error.diagnostics)
    return read


def _build(known: dict[str, Document], ruled: list[Document], problems: list[Diagnostic]) -> Knowledge:
    sources = _sources(root(known["sources"], problems, ("sources",)))
    passages = [passage.id for source in sources for passage in source.passages]
    groups, findings = _findings(root(known["findings"], problems, ("groups",)))
    screens = _screens(root(known["interview"], problems, ("screens",)), findings)
    derived = tuple(
        Derived(record.identifier(), record.text("label"))
        for record in root(known["derived"], problems, ("derived",)).records("derived", "derived fact", ("id", "label"))
    )
    statuses, nutrients = _nutrients(root(known["nutrients"], problems, ("evidence_statuses", "nutrients")), passages)
    guidance = root(known["guidance"], problems, ("disclaimers", "care_levels", "care", "cautions", "advice"))
    advice = _guidance(guidance, "advice", "advice", passages)
    cautions = _cautions(guidance, [nutrient.id for nutrient in nutrients], passages)
    disclaimers = _guidance(guidance, "disclaimers", "disclaimer", passages)
    if tuple(item.id for item in disclaimers) != DISCLAIMERS:
        guidance.fault(
            f"'disclaimers' must be {', '.join(DISCLAIMERS)}, in this order: every output carries all of them"
        )
    care_levels, care = _care(guidance, passages)

    targets: dict[Verb, Sequence[str]] = {
        "advise": [item.id for item in advice],
        "caution": [item.id for item in cautions],
        "refer": [item.id for item in care],
    }
    names = Names(
        {finding.id: finding for finding in findings},
        [nutrient.id for nutrient in nutrients],
        [fact.id for fact in derived],
        targets,
        passages,
    )
    rules = read_rules(ruled, names, problems)
    if not problems:  # an order means something only once the rules do
        rules = in_firing_order(rules, problems)
    about = root(known["about"], problems, ("version",))
    return Knowledge(
        version=about.text("version"),
        digest=_digest(known, ruled),
        sources=sources,
        groups=groups,
        findings=findings,
        screens=screens,
        derived=derived,
        evidence_statuses=statuses,
        nutrients=nutrients,
        advice=advice,
        cautions=cautions,
        care_levels=care_levels,
        care=care,
        disclaimers=disclaimers,
        rules=rules,
    )


def _digest(known: dict[str, Document], ruled: Iterable[Document]) -> str:
    content = {
        "knowledge": {name: known[name].root.plain() for name in sorted(known) if name not in TOOLS},
        "rules": {Path(document.name).stem: document.root.plain() for document in ruled},
    }
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _sources(record: Record) -> tuple[Source, ...]:
    sources: list[Source] = []
    seen: dict[str, str] = {}
    for source in record.records("sources", "source", _SOURCE_KEYS):
        passages = []
        keys = ("id", "place", "summary", "background", "sha256")
        for passage in source.records("passages", "passage", keys):
            item = Passage(
                id=passage.identifier(),
                place=passage.text("place"),
                summary=passage.text("summary"),
                background=passage.optional_text("background"),
                sha256=passage.optional_text("sha256"),
            )
            if seen.setdefault(item.id, source.what) != source.what:
                passage.fault(f"{passage.what} is defined in {seen[item.id]} already")
            passages.append(item)
        sources.append(
            Source(
                id=source.identifier(),
                title=source.text("title"),
                publisher=source.text("publisher"),
                address=source.optional_text("address"),
                date=source.optional_text("date"),
                read=source.optional_text("read"),
                passages=tuple(passages),
            )
        )
    return tuple(sources)


def _findings(record: Record) -> tuple[tuple[Group, ...], tuple[Finding, ...]]:
    groups: list[Group] = []
    findings: dict[str, Finding] = {}
    implying: list[tuple[Record, Finding]] = []
    keys = ("id", "kind", "label", "question", "help", "synonyms", "implies", "only_after", "minimum", "maximum")
    for group in record.records("groups", "group", ("id", "label", "findings")):
        groups.append(Group(group.identifier(), group.text("label")))
        for item in group.records("findings", "finding", keys):
            finding = _finding(item, groups[-1].id)
            if finding.id == "case":  # what a column of that name would mean could not be told
                item.fault("a finding cannot be called 'case': that is the name of a person's case")
            if finding.id in findings and findings[finding.id].group != finding.group:
                item.fault(f"{item.what} is defined twice (first in group {findings[finding.id].group!r})")
            if finding.kind == "nutrients" and any(f.kind == "nutrients" for f in findings.values()):
                item.fault("only one finding can be a list of nutrients: 'confirmed:…' would not say which is meant")
            if "only_after" in item and (finding.id == finding.only_after or finding.only_after not in findings):
                # a finding that comes earlier in the vocabulary: so there can be no circle
                item.known("only_after", findings, "earlier finding")
            findings.setdefault(finding.id, finding)
            implying.append((item, finding))
    yes_no = [finding.id for finding in findings.values() if finding.kind == "yes_no"]
    for item, finding in implying:  # what is implied may stand further down
        if "implies" in item:
            item.all_known("implies", yes_no, "finding of yes or no")
            if finding.kind != "yes_no":
                item.fault(f"{item.what} is not answered by yes or no, so it can imply nothing")
            if _implies_itself(finding, findings):
                item.fault(f"{item.what} implies itself; findings that mean the same are one finding", code="circular")
    return tuple(groups), tuple(findings.values())


def _implies_itself(finding: Finding, findings: dict[str, Finding]) -> bool:
    seen, waiting = set[str](), list(finding.implies)
    while waiting:
        name = waiting.pop()
        if name not in seen and name in findings:
            seen.add(name)
            waiting += findings[name].implies
    return finding.id in seen


def _finding(record: Record, group: str) -> Finding:
    kind: Kind = "yes_no"
    if "kind" in record:
        named = record.known("kind", get_args(Kind), "kind of answer")
        kind = next((k for k in get_args(Kind) if k == named), "yes_no")
    limits: dict[str, int] = {}
    if kind == "number":
        limits = {key: record.whole(key) for key in ("minimum", "maximum")}
        if limits["minimum"] > limits["maximum"]:
            record.fault(f"{record.what} has a minimum above its maximum")
    return Finding(
        id=record.identifier(),
        group=group,
        kind=kind,
        label=record.text("label"),
        question=record.text("question"),
        help=record.text("help"),
        synonyms=record.texts("synonyms"),
        implies=record.texts("implies") if "implies" in record else (),
        only_after=record.optional_text("only_after"),
        **limits,
    )


def _screens(record: Record, findings: tuple[Finding, ...]) -> tuple[Screen, ...]:
    known = {finding.id: finding for finding in findings}
    screens: list[Screen] = []
    placed: dict[str, str] = {}
    for item in record.records("screens", "screen", ("id", "question", "findings", "pressing")):
        asked = item.all_known("findings", known, "finding")
        question = item.text("question") if len(asked) > 1 else ""
        screen = Screen(item.identifier(), question, asked, pressing=item.flag("pressing"))
        if len(asked) == 1 and "question" in item:
            item.fault(f"{item.what} has a question that is never shown: one finding is asked with its own")
        for finding in screen.findings:
            if placed.setdefault(finding, screen.id) != screen.id:
                item.fault(f"{item.what} asks {finding!r}, which screen {placed[finding]!r} asks already")
            if finding in known and known[finding].kind != "yes_no" and len(screen.findings) > 1:
                item.fault(
                    f"{item.what} asks {finding!r} among others; what is not yes or no needs a screen of its own"
                )
        screens.append(screen)
    missing = [finding for finding in known if finding not in placed]
    if missing:
        record.fault(f"no screen asks {', '.join(missing)}")
    return tuple(screens)


def _nutrients(record: Record, passages: list[str]) -> tuple[tuple[EvidenceStatus, ...], tuple[Nutrient, ...]]:
    statuses = tuple(
        EvidenceStatus(status.identifier(), status.text("label"))
        for status in record.records("evidence_statuses", "evidence status", ("id", "label"))
    )
    known = [status.id for status in statuses]
    nutrients = []
    keys = ("id", "name", "function", "foods", "evidence", "ask_your_doctor", "source")
    for item in record.records("nutrients", "nutrient", keys):
        node = item.node("evidence")
        evidence = Evidence("", "", ())
        if node:
            inner = Record(node, item.file, item.problems, f"evidence of {item.what}", ("status", "note", "source"))
            status = inner.known("status", known, "evidence status")
            evidence = Evidence(status, inner.text("note"), inner.all_known("source", passages, "passage"))
        nutrients.append(
            Nutrient(
                id=item.identifier(),
                name=item.text("name"),
                function=item.text("function"),
                foods=item.texts("foods", may_be_empty=True),
                evidence=evidence,
                ask_your_doctor=item.text("ask_your_doctor"),
                source=item.all_known("source", passages, "passage"),
            )
        )
    return statuses, tuple(nutrients)


def _guidance(record: Record, key: str, what: str, passages: list[str]) -> tuple[Guidance, ...]:
    return tuple(
        Guidance(item.identifier(), item.text("text"), item.all_known("source", passages, "passage"))
        for item in record.records(key, what, ("id", "text", "source"))
    )


def _cautions(record: Record, nutrients: Sequence[str], passages: list[str]) -> tuple[Guidance, ...]:
    return tuple(
        Guidance(
            id=item.identifier(),
            text=item.text("text"),
            source=item.all_known("source", passages, "passage"),
            about=item.all_known("about", nutrients, "nutrient") if "about" in item else (),
            card_only=item.flag("card_only"),
        )
        for item in record.records("cautions", "caution", ("id", "text", "source", "about", "card_only"))
    )


def _care(record: Record, passages: list[str]) -> tuple[tuple[CareLevel, ...], tuple[CareItem, ...]]:
    given: dict[str, Record] = {}
    keys = ("id", "heading", "text", "heading_unanswered", "text_unanswered")
    for item in record.records("care_levels", "care level", keys):
        given[item.known("id", LEVELS, "care level")] = item
        if item.text("id") == "none":
            item.text("heading_unanswered"), item.text("text_unanswered")  # an all-clear needs its other half
    for level in LEVELS:
        if level not in given:
            record.fault(f"'care_levels' lacks {level!r}")
    levels = tuple(
        CareLevel(
            level,
            given[level].text("heading"),
            *(given[level].optional_text(key) for key in ("text", "heading_unanswered", "text_unanswered")),
        )
        for level in LEVELS
        if level in given
    )
    items = []
    for item in record.records("care", "care item", ("id", "level", "label", "sign", "text", "source")):
        named = item.known("level", LEVELS[:-1], "care level")
        level = next((level for level in LEVELS if level == named), "none")
        if "sign" in item and level not in PRESSING:
            item.fault(f"{item.what} has a 'sign' to watch for, which is for emergency and urgent items")
        items.append(
            CareItem(
                id=item.identifier(),
                level=level,
                label=item.text("label"),
                sign=item.text("sign") if level in PRESSING else "",
                text=item.text("text"),
                source=item.all_known("source", passages, "passage"),
            )
        )
    return levels, tuple(items)
