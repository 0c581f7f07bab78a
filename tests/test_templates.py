"""Every template compiles, stands in a layout, names only addresses that exist, and carries no style or script of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WITHOUT_LAYOUT = ("layouts/", "components/", "emails/")
INLINE = re.compile(r"\sstyle\s*=\s*[\"']|<style\b|\son\w+\s*=\s*[\"']|\shx-on|<script(?![^>]*\bsrc=)(?![^>]*json)")
FORM = re.compile(r"<form\b(?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|[^>\"])*>", re.DOTALL)
ELSEWHERE = re.compile(r"(src|href)=[\"']https?://(?!wa\.me)|//(cdn|unpkg|fonts\.g)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def trees(app: Flask) -> Iterator[tuple[str, nodes.Template]]:
    for path in TEMPLATES:
        yield name_of(path), app.jinja_env.parse(path.read_text(encoding="utf-8"), name_of(path))


def calls(tree: nodes.Template, function: str) -> Iterator[tuple[int, str]]:
    """Line and first argument of each call of `function` whose first argument is written out."""
    for call in tree.find_all(nodes.Call):
        if (
            isinstance(call.node, nodes.Name)
            and call.node.name == function
            and call.args
            and isinstance(call.args[0], nodes.Const)
        ):
            yield call.lineno, str(call.args[0].value)


def test_there_are_templates() -> None:
    assert TEMPLATES


def test_all_compile(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(name_of(path))


def test_pages_stand_in_a_layout(app: Flask) -> None:
    lost = []
    for name, tree in trees(app):
        if name.startswith(WITHOUT_LAYOUT) or Path(name).name.startswith("_"):
            continue
        parents = [
            node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)
        ]
        if not any(parent.startswith("layouts/") or is_page(parent) for parent in parents):
            lost.append(name)
    assert not lost


def is_page(parent: str) -> bool:
    """Whether a page extends another page, which then stands in a layout itself."""
    return (ROOT / "templates" / parent).exists() and not parent.startswith(WITHOUT_LAYOUT)


def test_addresses_exist(app: Flask) -> None:
    unknown = [
        f"{name}:{line} {endpoint}"
        for name, tree in trees(app)
        for line, endpoint in calls(tree, "url_for")
        if endpoint not in app.view_functions and not endpoint.startswith(".")
    ]
    assert not unknown, "\n" + "\n".join(unknown)


def test_what_is_included_or_imported_exists(app: Flask) -> None:
    known = set(app.jinja_env.list_templates()).__contains__
    lost = [
        f"{name}:{node.lineno} {node.template.value}"
        for name, tree in trees(app)
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends))
        if isinstance(node.template, nodes.Const) and not known(node.template.value)
    ]
    assert not lost, "\n" + "\n".join(lost)


def names(text: str, path: Path) -> bool:
    """Whether a source names the template: whole, or by its folder and its own name apart."""
    folder = path.parent.relative_to(ROOT / "templates").as_posix()
    return name_of(path) in text or (f'"{folder}/{{' in text and f'"{path.stem}"' in text)


def test_every_template_is_used() -> None:
    """By a view, a mail, or another template."""
    sources = [*TEMPLATES, *(ROOT / "app").rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    unused = [
        name_of(path)
        for path in TEMPLATES
        if not name_of(path).startswith(("layouts/", "emails/", "errors/"))
        and not any(names(text, path) for other, text in texts.items() if other != path)
    ]
    assert not unused


def test_icons_are_in_the_sprite(app: Flask) -> None:
    vendor = ast.parse((ROOT / "scripts" / "vendor.py").read_text(encoding="utf-8"))
    assigned = next(
        node for node in vendor.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ICONS"
    )
    sprite = {word for node in ast.walk(assigned) if isinstance(node, ast.Constant) for word in str(node.value).split()}
    missing = [
        f"{name}:{line} {icon}" for name, tree in trees(app) for line, icon in calls(tree, "icon") if icon not in sprite
    ]
    assert not missing, "\n" + "\n".join(missing)


def test_no_inline_style_or_script_and_nothing_from_elsewhere() -> None:
    problems = [
        f"{name_of(path)}:{number} {line.strip()[:100]}"
        for path in TEMPLATES
        if not name_of(path).startswith("emails/")
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if INLINE.search(line) or ELSEWHERE.search(line)
    ]
    assert not problems, "\n" + "\n".join(problems)


def test_forms_leave_the_complaints_to_the_server() -> None:
    """The browser's own bubbles speak the browser's language and name one fault at a time; a search has nothing to refuse."""
    problems = [
        f"{name_of(path)} {form}"
        for path in TEMPLATES
        for form in FORM.findall(path.read_text(encoding="utf-8"))
        if "novalidate" not in form and 'method="get"' not in form
    ]
    assert not problems, "\n" + "\n".join(problems)


def test_what_was_typed_before_is_announced() -> None:
    """A form that fills itself with an earlier draft says so."""
    silent = [
        name_of(path)
        for path in TEMPLATES
        if any(re.search(r"\sdata-draft\b(?!-)", form) for form in FORM.findall(path.read_text(encoding="utf-8")))
        and "draft_note()" not in path.read_text(encoding="utf-8").partition("<form")[2]
    ]
    assert not silent
