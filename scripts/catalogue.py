#!/usr/bin/env python3
"""Keep the Indonesian catalogue: extract, fill, list what is missing, check, compile.

    catalogue.py extract [--prune]   add what the code says and the catalogue lacks; --prune drops what nobody says any more
    catalogue.py fill FILE.json      {"English": "Indonesia", "%(num)d seat|%(num)d seats": ["%(num)d kursi"]}
    catalogue.py missing [PATH …]    what is said below these paths and has no translation, as JSON ready for `fill`
    catalogue.py check               exit 1 and a list when the catalogue is not complete and correct
    catalogue.py compile             messages.po to messages.mo

English is the language of the message ids and needs no catalogue. A message with a context is written "context\\u0004id".
Several people may call this at once: every change is made under a lock on the catalogue's folder.
"""

import argparse
import fcntl
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "app" / "translations" / "id" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "_l", "lazy_gettext"), None),
    **dict.fromkeys(("ngettext", "_n", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext",), ((1, "c"), 2, 3)),
}
HEADER = """\
msgid ""
msgstr ""
"Language: id\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{[a-z_][\w.]*[^{}]*\}", re.IGNORECASE)


@dataclass
class Said:
    """A message as the code says it: its id (a pair for a plural), its context, and the files that say it."""

    id: str | tuple[str, str]
    context: str | None
    paths: set[str] = field(default_factory=set)

    @property
    def in_template(self) -> bool:
        return any(path.startswith("templates/") for path in self.paths)


Key = tuple[str | None, str]  # context, singular


def singular(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def sources() -> Iterator[tuple[Path, str]]:
    for folder, suffixes, method in (
        ("app", {".py"}, "python"),
        ("templates", {".html", ".txt", ".xml", ".svg"}, "jinja2"),
    ):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path, method


def said() -> tuple[dict[Key, Said], list[str]]:
    """Every message of the code by its key, and a sentence for each file that could not be read."""
    messages: dict[Key, Said] = {}
    unreadable = []
    for path, method in sources():
        name = path.relative_to(ROOT).as_posix()
        options = {"trimmed": "true", "silent": "false", "encoding": "utf-8"} if method == "jinja2" else {}
        try:
            with path.open("rb") as stream:
                found = list(extract(method, stream, KEYWORDS, options=options))
        except Exception as error:  # whatever a half-written file makes the tokeniser or Jinja raise
            unreadable.append(f"{name}: cannot be read: {error}")
            continue
        for _line, message_id, _comments, context in found:
            if not singular(message_id):
                continue
            entry = messages.setdefault((context, singular(message_id)), Said(message_id, context))
            if not isinstance(message_id, str):
                entry.id = tuple(message_id)
            entry.paths.add(name)
    return messages, unreadable


@contextmanager
def locked() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    handle = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def load() -> Catalog:
    text = PO.read_bytes() if PO.exists() else HEADER.encode()
    return read_po(io.BytesIO(text), locale="id", abort_invalid=True)


def replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def save(catalogue: Catalog) -> None:
    """Sorted, without places, dates and names, so that two branches merge quietly."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    replace(PO, HEADER.encode() + buffer.getvalue().strip() + b"\n")
    compile_catalogue(catalogue)


def compile_catalogue(catalogue: Catalog) -> None:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    replace(MO, buffer.getvalue())


def add(catalogue: Catalog, message_id: str | tuple[str, ...], context: str | None) -> None:
    """Add a message, or turn one that was known as a singular into a plural; a translation stays."""
    known = catalogue.get(singular(message_id), context)
    if known is None:
        catalogue.add(message_id, context=context)
    elif not isinstance(message_id, str) and not known.pluralizable:
        text = known.string if isinstance(known.string, str) else ""
        catalogue.delete(singular(message_id), context)
        catalogue.add(message_id, (text,), context=context)


def do_extract(arguments: argparse.Namespace) -> int:
    messages, unreadable = said()
    with locked():
        catalogue = load()
        for message in messages.values():
            add(catalogue, message.id, message.context)
        gone = [m for m in catalogue if m.id and (m.context, singular(m.id)) not in messages]
        if arguments.prune and not unreadable:
            for message in gone:
                catalogue.delete(singular(message.id), message.context)
        save(catalogue)
    print("\n".join(unreadable), file=sys.stderr, end="\n" if unreadable else "")
    print(
        f"{len(messages)} messages; {len(gone)} {'dropped' if arguments.prune and not unreadable else 'that nobody says'}"
    )
    return 1 if unreadable else 0


def do_fill(arguments: argparse.Namespace) -> int:
    entries = json.loads(Path(arguments.file).read_text(encoding="utf-8"))
    with locked():
        catalogue = load()
        for key, text in entries.items():
            context, _, message_id = key.rpartition("\u0004")
            plural = isinstance(text, list)
            identity: str | tuple[str, ...] = tuple(message_id.split("|", 1)) if plural else message_id
            add(catalogue, identity, context or None)
            message = catalogue.get(singular(identity), context or None)
            assert message is not None
            message.string = tuple(text) if plural else ((text,) if message.pluralizable else text)
            message.flags.discard("fuzzy")
        save(catalogue)
    print(f"{len(entries)} translations taken")
    return 0


def translation(catalogue: Catalog, message: Said) -> str:
    """The Indonesian text, empty where there is none or it is only a guess."""
    known = catalogue.get(singular(message.id), message.context)
    if known is None or known.fuzzy:
        return ""
    return known.string if isinstance(known.string, str) else (known.string or ("",))[0]


def do_missing(arguments: argparse.Namespace) -> int:
    prefixes = tuple(
        os.path.relpath(p, ROOT) if p.startswith("/") else p.removeprefix("./") for p in arguments.prefix
    ) or ("",)
    messages, unreadable = said()
    catalogue = load()
    missing: dict[str, str | list[str]] = {}
    for message in messages.values():
        if translation(catalogue, message) or not any(path.startswith(prefixes) for path in message.paths):
            continue
        key = "|".join((message.id,) if isinstance(message.id, str) else message.id)
        missing[f"{message.context}\u0004{key}" if message.context else key] = (
            "" if isinstance(message.id, str) else [""]
        )
    print(json.dumps(missing, ensure_ascii=False, indent=2))
    print("\n".join(unreadable), file=sys.stderr, end="\n" if unreadable else "")
    return 0


def faults(message: Said, text: str) -> Iterator[str]:
    identity = message.id if isinstance(message.id, str) else message.id[1]
    if not text:
        yield "has no translation"
        return
    if set(PLACEHOLDER.findall(identity)) != set(PLACEHOLDER.findall(text)):
        yield f"has other placeholders in its translation: {text!r}"
    if not message.in_template and "%(" not in identity:
        return
    for side in (identity, text):  # Jinja always formats, so a lone % would break the page
        if re.sub(r"%\(\w+\)[a-z]|%%", "", side).count("%"):
            yield f"holds a lone %, to be written %%: {side!r}"


def do_check(_arguments: argparse.Namespace) -> int:
    messages, problems = said()
    catalogue = load()
    for (_context, name), message in sorted(messages.items(), key=lambda item: item[0][1]):
        problems += [
            f"{min(message.paths)}: {name!r} {fault}" for fault in faults(message, translation(catalogue, message))
        ]
    print("\n".join(problems), end="\n" if problems else "")
    print(f"{len(messages)} messages, {len(problems)} problems")
    return 1 if problems else 0


def do_compile(_arguments: argparse.Namespace) -> int:
    with locked():
        compile_catalogue(load())
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, action in (
        ("extract", do_extract),
        ("fill", do_fill),
        ("missing", do_missing),
        ("check", do_check),
        ("compile", do_compile),
    ):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        if name == "extract":
            command.add_argument("--prune", action="store_true")
        if name == "fill":
            command.add_argument("file")
        if name == "missing":
            command.add_argument("prefix", nargs="*")
    arguments = parser.parse_args()
    return arguments.action(arguments)


if __name__ == "__main__":
    sys.exit(main())
