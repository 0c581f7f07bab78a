"""The picture of a shared link: a PNG of the size that is asked for, whatever stands on it."""

import io

import pytest
from PIL import Image

from app.paper.card import HEIGHT, WIDTH, card


def opened(**values: object) -> Image.Image:
    known = {"above": "Program", "title": "Bimtek Tahap I", "lines": ("8 Juli 2019", "Aula"), "foot": "Dinas"}
    return Image.open(io.BytesIO(card(**known | values)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"title": "Bimbingan Teknis " * 20},
        {"title": "A" * 300, "above": "B" * 300, "foot": "C" * 300, "lines": ("D" * 300, "")},
        {"title": ""},
        {"emblem": b"no picture"},
    ],
)
def test_it_has_its_size_whatever_stands_on_it(values: dict[str, object]) -> None:
    picture = opened(**values)
    assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))


def test_an_emblem_is_drawn() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (200, 300), "#FF00FF").save(data, "PNG")
    with_emblem = opened(emblem=data.getvalue()).convert("RGB")
    assert with_emblem.getpixel((100, HEIGHT - 56)) != opened().convert("RGB").getpixel((100, HEIGHT - 56))


def test_what_is_written_differs_with_the_words() -> None:
    assert card(above="A", title="B", lines=(), foot="C") != card(above="A", title="D", lines=(), foot="C")
