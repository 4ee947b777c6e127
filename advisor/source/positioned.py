"""Read YAML and JSON strictly, into trees in which every value has the line it stands on.

Symptom files, knowledge and rules are all read by this module. It knows the two syntaxes and nothing of what a
document means. It refuses tags, anchors and aliases, reads at most `MAX_BYTES`, and reports a repeated key instead of
letting the second silently overwrite the first.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from json.decoder import JSONArray, JSONDecodeError, JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import yaml

from advisor.diagnostics import AdvisorError, Diagnostic, Location, is_control, printable, shown

MAX_BYTES = 1_000_000  # a symptom file holds forty short answers; anything near this is not one
MAX_DEPTH = 24

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_WORDS = {
    **dict.fromkeys(("yes", "true", "on"), True),
    **dict.fromkeys(("no", "false", "off"), False),
    **dict.fromkeys(("", "~", "null"), None),
}
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE

Scalar: TypeAlias = bool | int | float | str | None


class DocumentError(AdvisorError):
    """A text is not a well-formed document. Whoever asked for it knows whose fault that is, and raises that error."""


class Node(msgspec.Struct, frozen=True):
    """A value and the line it stands on (for a value in a mapping: the line of its key)."""

    line: int
    value: Scalar | list[Node] | dict[str, Node]

    def plain(self) -> Any:
        """Return the value without positions: None, bool, int, float, str, list or dict."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


class Document(msgspec.Struct, frozen=True):
    """A parsed file: its name as the person gave it, its tree, and the repeated keys found on the way."""

    name: str
    root: Node
    problems: tuple[Diagnostic, ...] = ()


def read(path: Path | str) -> Document:
    """Read one YAML or JSON file; `-` reads standard input.

    Raises DocumentError when there is no such file, or it is not UTF-8 text, too large, or not well-formed.
    """
    name = "<stdin>" if str(path) == "-" else printable(str(path))
    try:
        if str(path) == "-":
            if sys.stdin is None:
                raise DocumentError([Diagnostic(Location(name), "unreadable", "cannot be read: it is closed")])
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
            if data is None:
                raise DocumentError(
                    [
                        Diagnostic(
                            Location(name),
                            "unreadable",
                            "cannot be read: nothing has arrived yet, and it does not wait",
                        )
                    ]
                )
        else:
            with open(path, "rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError([Diagnostic(Location(name), "unreadable", f"cannot be read: {reason}")]) from None
    return parse(data, name)


def parse(data: bytes, name: str, is_json: bool = False) -> Document:
    """Parse the bytes of a file called `name`; `.json` is read as JSON, anything else as JSON or else YAML.

    With `is_json` it is read as JSON whatever its name. Raises DocumentError with the line of the fault.
    """
    text = _decode(data, name)
    is_json = is_json or name.lower().endswith(".json")
    if is_json or text.lstrip()[:1] in ("{", "["):
        try:
            return _parse_json(text, name)
        except DocumentError:
            if is_json:
                raise
    return _parse_yaml(text, name)


def from_data(data: object, name: str = "") -> Document:
    """Wrap plain Python data in the tree that `parse` gives, every line 0, so that one validator serves both.

    Raises DocumentError for values that a document cannot hold, and for nesting beyond `MAX_DEPTH`.
    """

    def wrap(value: object, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise DocumentError([Diagnostic(Location(name), "syntax", f"nested more than {MAX_DEPTH} levels deep")])
        if value is None or isinstance(value, bool | int | float | str):
            return Node(0, value if not isinstance(value, str) else _text(value, 0, name))
        if isinstance(value, Mapping):
            return Node(0, {_text(str(key), 0, name): wrap(item, depth + 1) for key, item in value.items()})
        if isinstance(value, list | tuple | set | frozenset):
            return Node(0, [wrap(item, depth + 1) for item in value])
        raise DocumentError([Diagnostic(Location(name), "not-an-answer", f"a {type(value).__name__} is not an answer")])

    return Document(name, wrap(data, 0))


def _decode(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        message = f"larger than {MAX_BYTES // 1_000_000} MB, far more than such a file can need"
        raise DocumentError([Diagnostic(Location(name), "syntax", message)])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DocumentError(
            [Diagnostic(Location(name, 1), "syntax", "saved as UTF-16; save it as UTF-8 and try again")]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"not UTF-8 text (byte 0x{data[error.start]:02x}); save it as UTF-8 and try again"
        raise DocumentError([Diagnostic(Location(name, line), "syntax", message)]) from None
    odd = _UNPRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise DocumentError([_control_character(name, line, odd[0])])
    return text


def _parse_yaml(text: str, name: str) -> Document:
    repeated: list[Diagnostic] = []
    try:
        events = yaml.parse(text, Loader=_LOADER)
        next(events), next(events)  # the stream opens, then its first document or its end
        first = next(events, None)
        if first is None:
            raise DocumentError([Diagnostic(Location(name), "syntax", "empty")])
        root = _yaml_node(first, events, name, repeated, 1)
        next(events)  # the document ends
        after: Any = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            message = "a second document starts here ('---'); put each one in a file of its own"
            raise DocumentError([Diagnostic(Location(name, after.start_mark.line + 1), "syntax", message)])
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        # The library reads ahead and has a limit of its own: it may refuse deep nesting before `_yaml_node` sees it
        if mark and (deep := _line_of_deep_brackets(text[: mark.index])):
            raise DocumentError(
                [Diagnostic(Location(name, deep), "syntax", f"nested more than {MAX_DEPTH} levels deep")]
            ) from None
        raise DocumentError(
            [Diagnostic(Location(name, line), "syntax", f"not well-formed YAML: {error.problem or error.context}")]
        ) from None
    except yaml.YAMLError as error:
        raise DocumentError([Diagnostic(Location(name, 1), "syntax", f"not well-formed YAML: {error}")]) from None
    return Document(name, root, tuple(repeated))


def _line_of_deep_brackets(text: str) -> int:
    """Return the line on which brackets nest more than `MAX_DEPTH` deep, or 0 where they never do."""
    depth, line = 0, 1
    for character in text:
        if character == "\n":
            line += 1
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return line
        elif character in "]}":
            depth -= 1
    return 0


def _yaml_node(event: Any, events: Iterator[Any], name: str, repeated: list[Diagnostic], depth: int) -> Node:
    line = event.start_mark.line + 1

    def refuse(message: str) -> DocumentError:
        return DocumentError([Diagnostic(Location(name, line), "syntax", message)])

    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise refuse("anchors (&) and aliases (*) are not supported; write the value out")
    if event.tag:
        raise refuse(f"tags ({shown(event.tag)}) are not supported")
    if depth > MAX_DEPTH:
        raise refuse(f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(event, yaml.ScalarEvent):
        return Node(line, _scalar(event.value) if not event.style else _text(event.value, line, name))
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_yaml_node(inner, events, name, repeated, depth + 1))
        return Node(line, items)
    fields: dict[str, Node] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        key_line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarEvent) or key.anchor or key.tag:
            raise DocumentError(
                [Diagnostic(Location(name, key_line), "syntax", "a key must be a single word, without anchors or tags")]
            )
        value = _yaml_node(next(events), events, name, repeated, depth + 1)
        field = _text(key.value, key_line, name)
        if field in fields:
            repeated.append(_repeated(name, key_line, field, fields[field].line))
        else:
            fields[field] = Node(key_line, value.value)
    return Node(line, fields)


def _scalar(text: str) -> Scalar:
    # YAML 1.1 would also read 065 as fifty-three, 1:30 as ninety and 2024-01-01 as a date: none of them is an answer
    # anyone meant, so they stay text and are refused where a number is asked for.
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _text(text: str, line: int, name: str) -> str:
    """Return the text, unless an escape in it stands for something that no text holds."""
    odd = next((character for character in text if is_control(character) and character not in "\n\t"), None)
    if odd is not None:
        raise DocumentError([_control_character(name, line, odd)])
    return text


def _control_character(name: str, line: int, character: str) -> Diagnostic:
    return Diagnostic(
        Location(name, line), "syntax", f"a control character (U+{ord(character):04X}) does not belong here"
    )


def _whole_number(digits: str) -> int | float:
    # Python refuses to convert thousands of digits; as a float such a number is refused wherever it stands
    return int(digits) if len(digits) < 19 else float(digits)


def _repeated(name: str, line: int, key: str, first: int) -> Diagnostic:
    where = f" (first on line {first})" if first != line else ""
    return Diagnostic(Location(name, line), "repeated-key", f"{shown(key)} is given twice{where}; keep one")


def _parse_json(text: str, name: str) -> Document:
    decoder = _PositionedDecoder(text, name)
    try:
        node = decoder.decode(text)
    except JSONDecodeError as error:
        raise DocumentError(
            [Diagnostic(Location(name, error.lineno), "syntax", f"not well-formed JSON: {error.msg}")]
        ) from None
    except RecursionError:
        raise DocumentError(
            [Diagnostic(Location(name), "syntax", f"nested more than {MAX_DEPTH} levels deep")]
        ) from None
    root = node if isinstance(node, Node) else Node(1, _text(node, 1, name) if isinstance(node, str) else node)
    return Document(name, root, tuple(decoder.repeated))


class _PositionedDecoder(json.JSONDecoder):
    """The standard library's JSON decoder, whose objects and arrays hold Nodes.

    The pure-Python scanner calls `parse_object` and `parse_array` with a scanner for the values inside; wrapping that
    one call is enough to note where each value starts.
    """

    def __init__(self, text: str, name: str) -> None:
        super().__init__(parse_int=_whole_number)
        self.repeated: list[Diagnostic] = []
        self._name = name
        self._depth = 0
        # where each line ends, to turn an offset into a line number
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self.parse_object = self._object
        self.parse_array = self._array
        self.scan_once = py_make_scanner(self)

    def _line(self, offset: int) -> int:
        return bisect_left(self._ends, offset) + 1

    def _positioned(self, scan_once: Callable[[str, int], tuple[Any, int]]) -> Callable[[str, int], tuple[Node, int]]:
        def scan(text: str, start: int) -> tuple[Node, int]:
            line = self._line(start)
            value, end = scan_once(text, start)
            if isinstance(value, str):
                _text(value, line, self._name)
            return (value if isinstance(value, Node) else Node(line, value)), end

        return scan

    def _nested(self, line: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DocumentError(
                [Diagnostic(Location(self._name, line), "syntax", f"nested more than {MAX_DEPTH} levels deep")]
            )

    def _object(
        self, where: tuple[str, int], strict: bool, scan_once: Any, hook: Any, pairs_hook: Any, memo: Any = None
    ) -> tuple[Node, int]:
        line = self._line(where[1] - 1)
        self._nested(line)
        pairs, end = JSONObject(where, strict, self._positioned(scan_once), None, list, memo)
        self._depth -= 1
        fields: dict[str, Node] = {}
        for key, value in pairs:
            if key in fields:
                self.repeated.append(_repeated(self._name, value.line, key, fields[key].line))
            else:
                fields[_text(key, value.line, self._name)] = value
        return Node(line, fields), end

    def _array(self, where: tuple[str, int], scan_once: Any, *rest: Any) -> tuple[Node, int]:
        line = self._line(where[1] - 1)
        self._nested(line)
        items, end = JSONArray(where, self._positioned(scan_once), *rest)
        self._depth -= 1
        return Node(line, items), end
