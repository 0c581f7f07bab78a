"""The plan of the house, read from the imports: which room may use which, what each file may touch, how long things may be."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("shared", "web", "paper")
ROOMS = (
    *LIBRARIES,
    *(
        "audit",
        "hosts",
        "accounts",
        "jobs",
        "institutions",
        "programmes",
        "agenda",
        "registration",
        "checkin",
        "feedback",
    ),
    *("certificates", "messages", "privacy", "reports", "journey", "operations", "demo"),
)
VOCABULARY = (
    "rules",
    "models",
    "queries",
    "service",
    "forms",
    "views",
    "staff",
    "api",
    "emails",
    "pdf",
    "tasks",
    "cli",
)
FREE_OF_VOCABULARY = (*LIBRARIES, "demo")
# A sub-concept that is named on its own, and the word of the vocabulary whose rules it keeps.
NAMED_ALONE = {
    "agenda.exports": "queries",
    "accounts.permissions": "permissions",
    "certificates.pictures": "service",
    "certificates.snapshot": "queries",
    "feedback.defaults": "rules",
    "messages.defaults": "rules",
}
ACROSS = {"rules", "models", "queries", "service", "permissions"}
WITH_FLASK = {"views", "staff", "api", "cli", "emails", "tasks", "permissions"}
WITHIN = {
    "rules": {"rules"},
    "pdf": {"rules", "pdf"},
    "models": {"rules", "models"},
    "queries": {"rules", "models", "queries", "pdf"},
    "forms": {"rules", "models", "queries", "forms"},
    "service": {"rules", "models", "queries", "service", "pdf", "emails"},
}
DATABASE = re.compile(r"sqlalchemy|flask_sqlalchemy|app\.extensions|app\.\w+\.(models|queries|service)")
LONGEST_FILE, LONGEST_FUNCTION = 350, 50
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc"}


@dataclass(frozen=True)
class Source:
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def room(self) -> str:
        """The feature's folder; empty for what lies in app/ itself."""
        parts = self.path.relative_to(ROOT / "app").parts
        return parts[0] if len(parts) > 1 else ""

    @property
    def kind(self) -> str:
        """The word of the vocabulary, also for a file in a folder of that name."""
        parts = self.path.relative_to(ROOT / "app").with_suffix("").parts
        return kind_of(parts[0], parts[1]) if len(parts) > 1 else parts[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of whatever is imported: `from app.x import y` gives app.x.y where that is a module."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                yield from (
                    (node.lineno, f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base)
                    for alias in node.names
                )

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def kind_of(room: str, stem: str) -> str:
    """A file that grew is split by sub-concept and keeps its word: `staff_people.py` is a kind of `staff`."""
    words = [NAMED_ALONE.get(f"{room}.{stem}", ""), *stem.split("_")]
    return next((word for word in words if word in (*VOCABULARY, "permissions")), stem)


def is_module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


APP = [Source(path) for path in sorted((ROOT / "app").rglob("*.py"))]
EVERYTHING = [
    *APP,
    *(Source(path) for folder in ("tests", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))),
]
EVERYTHING += [Source(path) for path in sorted(ROOT.glob("*.py"))]


def imports_of_rooms() -> Iterator[tuple[Source, str, str, str]]:
    """Each import of one room by another or by itself: source, place, room, kind of file."""
    for source in APP:
        for line, name in source.imports():
            parts = name.split(".")
            if parts[0] == "app" and len(parts) > 1 and parts[1] in ROOMS:
                yield (
                    source,
                    f"{source.name}:{line} imports {name}",
                    parts[1],
                    kind_of(parts[1], parts[2]) if len(parts) > 2 else "",
                )


def agree(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(sorted(set(problems)))


def test_rooms_are_those_of_the_plan() -> None:
    agree([f"app/{source.room}" for source in APP if source.room and source.room not in ROOMS])


def test_a_room_uses_only_rooms_nearer_the_ground() -> None:
    """The guard of routes is the one exception: each room's doors need it."""
    agree(
        [
            place
            for source, place, room, kind in imports_of_rooms()
            if source.room and ROOMS.index(room) > ROOMS.index(source.room) and kind != "permissions"
        ]
    )


def test_a_room_holds_only_files_that_the_plan_names() -> None:
    agree(
        [
            source.name
            for source in APP
            if source.room
            and source.room not in FREE_OF_VOCABULARY
            and source.kind not in (*VOCABULARY, "permissions", "__init__")
        ]
    )
    agree([source.name for source in EVERYTHING if source.path.stem in FORBIDDEN_NAMES])


def test_across_features_only_decisions_records_reads_and_use_cases_are_shared() -> None:
    """The journey's pages show other rooms' forms too: a stage's settings have one tab a room."""
    agree(
        [
            place
            for source, place, room, kind in imports_of_rooms()
            if source.room
            and room not in (*LIBRARIES, source.room)
            and kind not in (ACROSS | {"forms"} if source.room == "journey" else ACROSS)
        ]
    )


def test_files_of_a_feature_use_each_other_in_one_direction() -> None:
    agree(
        [
            place
            for source, place, room, kind in imports_of_rooms()
            if room == source.room
            and room not in FREE_OF_VOCABULARY
            and kind
            and kind not in WITHIN.get(source.kind, {kind})
        ]
    )


def test_imports_are_absolute() -> None:
    agree([f"{source.name}:{line}" for source in APP for line, name in source.imports() if name.startswith(".")])


def test_flask_appears_only_at_the_doors() -> None:
    agree(
        [
            f"{source.name}:{line} imports {name}"
            for source in APP
            for line, name in source.imports()
            if re.match(r"flask(\.|$)", name) and source.room not in ("", "web") and source.kind not in WITH_FLASK
        ]
    )


def test_decisions_and_paper_do_not_touch_the_database() -> None:
    agree(
        [
            f"{source.name}:{line} imports {name}"
            for source in APP
            if source.kind in ("rules", "pdf") or source.room == "paper"
            for line, name in source.imports()
            if DATABASE.match(name)
        ]
    )


def test_views_do_not_touch_the_session() -> None:
    agree(
        [
            f"{source.name}:{node.lineno}"
            for source in APP
            if source.kind in ("views", "staff", "api")
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "session"
            and isinstance(node.value, ast.Name)
            and node.value.id == "db"
        ]
    )


def test_only_transactions_commit() -> None:
    agree(
        [
            f"{source.name}:{node.lineno}"
            for source in APP
            if source.name != "app/extensions.py"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "db.session.commit"
        ]
    )


def test_integrity_errors_are_not_caught() -> None:
    agree(
        [
            f"{source.name}:{line}"
            for source in APP
            for line, name in source.imports()
            if name.endswith("IntegrityError")
        ]
    )
    agree(
        [
            f"{source.name}:{node.lineno}"
            for source in APP
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ExceptHandler) and node.type and "IntegrityError" in ast.unparse(node.type)
        ]
    )


def test_files_and_functions_stay_short() -> None:
    long = [source.name for source in EVERYTHING if source.path.read_text(encoding="utf-8").count("\n") > LONGEST_FILE]
    for source in EVERYTHING:
        for function in source.functions():
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > LONGEST_FUNCTION:
                long.append(f"{source.name}:{function.lineno} {function.name}(): {lines} lines")
    agree(long)


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"#.*\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b|NotImpl" + r"ementedError")
    problems = [
        f"{source.name}:{number} {line.strip()}"
        for source in EVERYTHING
        for number, line in enumerate(source.path.read_text(encoding="utf-8").split("\n"), 1)
        if later.search(line)
    ]
    for source in APP:
        for function in source.functions():
            body = [
                part
                for part in function.body
                if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ]
            if all(isinstance(part, ast.Pass) for part in body):
                problems.append(f"{source.name}:{function.lineno} {function.name}() is empty")
    agree(problems)


def test_no_test_is_put_aside_or_waits_idly() -> None:
    idle = re.compile(r"mark\.(skip|xfail)\b|pytest\.(skip|xfail)\(|time\.sle" + r"ep\(")
    agree(
        [
            f"{source.name}:{number} {line.strip()}"
            for source in EVERYTHING
            if source.name.startswith("tests/") and source.path != Path(__file__)
            for number, line in enumerate(source.path.read_text(encoding="utf-8").split("\n"), 1)
            if idle.search(line)
        ]
    )


def test_no_class_is_named_session() -> None:
    agree(
        [
            f"{source.name}:{node.lineno}"
            for source in APP
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ClassDef) and node.name == "Session"
        ]
    )


@pytest.mark.parametrize("room", [room for room in ROOMS if (ROOT / "app" / room).is_dir()])
def test_public_functions_of_a_room_are_typed(room: str) -> None:
    agree(
        [
            f"{source.name}:{function.lineno} {function.name}()"
            for source in APP
            if source.room == room
            for function in source.functions()
            if not function.name.startswith("_") and function.returns is None
        ]
    )
