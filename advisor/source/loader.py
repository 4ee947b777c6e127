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
    cautions = _guidance(guidance, "cautions", "caution", passages)
    disclaimers = _guidance(guidance, "disclaimers", "disclaimer", passages)
    if tuple(item.id for item in disclaimers) != DISCLAIMERS:
        guidance.fault(f"'disclaimers' must be {', '.join(DISCLAIMERS)}, in this order: every output carries all four")
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
    for source in record.records("sources", "source", ("id", "title", "publisher", "reference", "passages")):
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
                reference=source.optional_text("reference"),
                passages=tuple(passages),
            )
        )
    return tuple(sources)


def _findings(record: Record) -> tuple[tuple[Group, ...], tuple[Finding, ...]]:
    groups: list[Group] = []
    findings: dict[str, Finding] = {}
    keys = ("id", "kind", "label", "question", "help", "synonyms", "only_after", "minimum", "maximum")
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
    return tuple(groups), tuple(findings.values())


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
        only_after=record.optional_text("only_after"),
        **limits,
    )


def _screens(record: Record, findings: tuple[Finding, ...]) -> tuple[Screen, ...]:
    known = {finding.id: finding for finding in findings}
    screens: list[Screen] = []
    placed: dict[str, str] = {}
    for item in record.records("screens", "screen", ("id", "question", "findings")):
        asked = item.all_known("findings", known, "finding")
        screen = Screen(item.identifier(), item.text("question") if len(asked) > 1 else "", asked)
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


def _care(record: Record, passages: list[str]) -> tuple[tuple[CareLevel, ...], tuple[CareItem, ...]]:
    given: dict[str, tuple[str, str | None]] = {}
    for item in record.records("care_levels", "care level", ("id", "heading", "text")):
        given[item.known("id", LEVELS, "care level")] = item.text("heading"), item.optional_text("text")
    for level in LEVELS:
        if level not in given:
            record.fault(f"'care_levels' lacks {level!r}")
    levels = tuple(CareLevel(level, *given.get(level, ("", None))) for level in LEVELS)
    items = []
    for item in record.records("care", "care item", ("id", "level", "text", "source")):
        named = item.known("level", LEVELS[:-1], "care level")
        level = next((level for level in LEVELS if level == named), "none")
        source = item.all_known("source", passages, "passage")
        items.append(CareItem(item.identifier(), level, item.text("text"), source))
    return levels, tuple(items)
