"""A letter's text with its placeholders filled: as plain text, and as HTML in which nothing but our own marks is HTML.

The text is read before it is filled, so that what a person is called can neither open a tag nor make a link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_LABELLED = re.compile(r"([^{}:]{1,60}):\s*\{(\w+)\}")
_BULLET = "- "
WHATSAPP = "https://wa.me/"
LINK = "color:#0B6B61;"
PARAGRAPH = "margin:0 0 16px;"
FILLED_BUTTON = (
    "display:inline-block;padding:12px 24px;background:#0B6B61;border:2px solid #0B6B61;border-radius:10px;"
    "color:#FFFFFF;font-weight:bold;text-decoration:none;"
)
PLAIN_BUTTON = (
    "display:inline-block;padding:10px 22px;background:#FFFFFF;border:2px solid #0B6B61;border-radius:10px;"
    "color:#0B6B61;font-weight:bold;text-decoration:none;"
)
SMALL = "margin:0 0 16px;font-size:13px;color:#4C6163;word-break:break-all;"
TABLE = "margin:0 0 20px;border-top:1px solid #D9E2E1;"
CELL = "padding:10px 0;border-bottom:1px solid #D9E2E1;vertical-align:top;"


@dataclass(frozen=True)
class Value:
    """What a placeholder stands for: a text; or an address that is ours (`is_link`); or `rows` of label and lines.

    `text` may have several lines; those of a link may each bear a name before their address.
    """

    text: str = ""
    is_link: bool = False
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def plain(self) -> str:
        if not self.rows:
            return self.text
        return "\n".join(f"{label}: {'; '.join(lines)}" for label, lines in self.rows)


Values = Mapping[str, Value]


def filled_line(text: str, values: Values) -> str:
    """One line, for the subject."""
    return " ".join(_PLACEHOLDER.sub(lambda found: values[found[1]].plain, text).split())


def as_text(body: str, values: Values) -> str:
    """The plain text of a letter."""
    paragraphs = _paragraphs(body, values)
    text = "\n\n".join("\n".join(_plain_line(line, values) for line in lines) for lines in paragraphs)
    return text.replace(" \n", "\n")


def as_html(body: str, values: Values) -> Markup:
    """The same as HTML for mail programs, which read neither style sheets nor grids.

    Paragraphs, "- " lists, addresses as links; an address alone in its paragraph, with a label before it, as a button.
    """
    return Markup("\n").join(_html_paragraph(lines, values) for lines in _paragraphs(body, values))


def _paragraphs(body: str, values: Values) -> list[list[str]]:
    """The lines of each paragraph, without those whose placeholders are all empty."""
    paragraphs: list[list[str]] = [[]]
    for line in body.split("\n"):
        names = _PLACEHOLDER.findall(line)
        if names and not any(values[name].plain for name in names):
            continue
        if line.strip():
            paragraphs[-1].append(line.rstrip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return [lines for lines in paragraphs if lines]


def _plain_line(line: str, values: Values) -> str:
    return _PLACEHOLDER.sub(lambda found: _indented(values[found[1]].plain, line), line)


def _indented(text: str, line: str) -> str:
    """Several lines begin below their label."""
    return f"\n{text}" if "\n" in text and not line.startswith("{") else text


def _html_paragraph(lines: Sequence[str], values: Values) -> Markup:
    if len(lines) == 1 and (special := _button(lines[0], values) or _table(lines[0], values)):
        return special
    blocks: list[Markup] = []
    for is_list, run in _runs(lines):
        blocks.append(_list(run, values) if is_list else _plain_paragraph(run, values))
    return Markup("\n").join(blocks)


def _runs(lines: Sequence[str]) -> list[tuple[bool, list[str]]]:
    """Neighbouring lines that are entries of a list, or are not."""
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_entry = line.startswith(_BULLET)
        if not runs or runs[-1][0] is not is_entry:
            runs.append((is_entry, []))
        runs[-1][1].append(line)
    return runs


def _plain_paragraph(lines: Sequence[str], values: Values) -> Markup:
    inside = Markup("<br>\n").join(_html_line(line, values) for line in lines)
    return Markup('<p style="{}">{}</p>').format(PARAGRAPH, inside)


def _list(lines: Sequence[str], values: Values) -> Markup:
    entries = Markup("\n").join(
        Markup("<li>{}</li>").format(_html_line(line.removeprefix(_BULLET), values)) for line in lines
    )
    return Markup('<ul style="{}padding-left:20px;">\n{}\n</ul>').format(PARAGRAPH, entries)


def _html_line(line: str, values: Values) -> Markup:
    """The literal parts with their addresses as links, the values as they are."""
    parts: list[Markup] = []
    end = 0
    for found in _PLACEHOLDER.finditer(line):
        parts += [_linked(line[end : found.start()]), _html_value(values[found[1]], line)]
        end = found.end()
    return Markup("").join([*parts, _linked(line[end:])])


def _html_value(value: Value, line: str) -> Markup:
    plain = _indented(value.plain, line)
    text = _linked(plain) if value.is_link else escape(plain)
    return Markup("<br>\n").join(text.split("\n"))


def _linked(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in _URL.finditer(text):
        parts += [escape(text[end : found.start()]), _anchor(found[0], escape(found[0]))]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _anchor(address: str, inside: Markup, style: str = LINK) -> Markup:
    return Markup('<a href="{}" style="{}">{}</a>').format(address, style, inside)


def _button(line: str, values: Values) -> Markup | None:
    """`Label: {tautan_…}` alone in its paragraph, where that is a single address; None for anything else."""
    found = _LABELLED.fullmatch(line.strip())
    value = values[found[2]] if found else None
    if found is None or value is None or not value.is_link or not _URL.fullmatch(value.text):
        return None
    forwards = value.text.startswith(WHATSAPP)
    button = _anchor(value.text, escape(found[1].strip()), PLAIN_BUTTON if forwards else FILLED_BUTTON)
    below = "" if forwards else Markup('\n<p style="{}">{}</p>').format(SMALL, value.text)
    return Markup('<p style="{}">{}</p>{}').format(PARAGRAPH, button, below)


def _table(line: str, values: Values) -> Markup | None:
    found = _PLACEHOLDER.fullmatch(line.strip())
    rows = values[found[1]].rows if found else ()
    if not rows:
        return None
    cells = Markup("\n").join(
        Markup(
            '<tr><td style="{}padding-right:12px;color:#4C6163;width:92px;">{}</td>'
            '<td style="{}font-weight:bold;">{}</td></tr>'
        ).format(CELL, label, CELL, Markup("<br>").join(map(escape, lines)))
        for label, lines in rows
    )
    return Markup(
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="{}">\n{}\n</table>'
    ).format(TABLE, cells)
