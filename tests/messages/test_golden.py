"""The standard letters as people get them. After a change on purpose run this file with REWRITE_GOLDEN=1, and read what changed."""

import os
from pathlib import Path

import lxml.html
import pytest
from flask import Flask

from app.jobs.service import Letter, renderer_of
from app.messages.rules import TemplateKind
from tests.messages import scene

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "mails"


def letter_of(app: Flask, kind: TemplateKind) -> Letter:
    app.config["BASE_URL"] = "https://bimtek.test"
    message = scene.message_of(scene.stage_of_2019(), kind)
    letter = renderer_of(message.kind)(message)
    assert letter is not None
    return letter


@pytest.mark.parametrize("kind", list(TemplateKind), ids=lambda kind: kind.value)
def test_a_standard_letter_says_what_it_said(app: Flask, kind: TemplateKind) -> None:
    letter = letter_of(app, kind)
    attached = "".join(f"[{one.name}]\n" for one in letter.attachments)
    said = f"{letter.subject}\n{'=' * len(letter.subject)}\n{letter.text.rstrip()}\n{attached}"
    kept = FOLDER / f"{kind.value}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(said, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == said


@pytest.mark.parametrize("kind", list(TemplateKind), ids=lambda kind: kind.value)
def test_the_html_says_the_same_as_the_text(app: Flask, kind: TemplateKind) -> None:
    """But for addresses that stand behind a button's words, which the text writes out."""
    letter = letter_of(app, kind)
    page = lxml.html.fromstring(letter.html)
    shown = " ".join(page.text_content().split()) + " ".join(link.get("href") for link in page.findall(".//a"))
    for line in letter.text.split("\n"):
        for word in line.removeprefix("-- ").replace(":", " ").replace(";", " ").split():
            assert word in shown.replace(":", " "), (word, line)
    assert page.get("lang") == "id" and [one.text for one in page.findall(".//h1")] == [letter.subject]
