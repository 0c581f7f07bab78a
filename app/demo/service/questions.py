"""What stage III asks beside name and institution, and what its people answered."""

from __future__ import annotations

from random import Random

from app.accounts.models import User
from app.extensions import db
from app.programmes.models import Stage
from app.registration.queries_people import people
from app.registration.queries_questions import terms_asked
from app.registration.rules_answers import YES, AnswerKind, QuestionTerms
from app.registration.rules_questions import check_answers
from app.registration.service.questions import add_question, save_answers

STAGE = "tahap-3"
SIZES = ("S", "M", "L", "XL", "XXL")
OTHER = "Lainnya"
NEEDS = ("Kursi roda", "Juru bahasa isyarat", "Makanan tanpa daging", "Ruang laktasi", OTHER)


def ask(stage: Stage, *, by: User) -> None:
    """Size of the shirt, special needs and which others, the surat tugas of civil servants, and a promise to be there; answered
    by nearly all who have registered."""
    if stage.slug != STAGE:
        return
    shirt = {"help": "Kaus dibagikan pada hari pertama.", "options": SIZES, "required": True}
    _add(stage, AnswerKind.ONE_CHOICE, "Ukuran kaus", by=by, **shirt)
    needs = _add(
        stage, AnswerKind.SEVERAL_CHOICES, "Kebutuhan khusus", by=by, help="Kosongkan bila tidak ada.", options=NEEDS
    )
    _add(stage, AnswerKind.SHORT_TEXT, "Sebutkan kebutuhan lainnya", by=by, depends_on=needs, depends_value=OTHER)
    _add(stage, AnswerKind.FILE, "Surat tugas", by=by, help="Boleh menyusul.", categories=frozenset({"OPD"}))
    _add(stage, AnswerKind.STATEMENT, "Saya bersedia hadir penuh pada kedua hari kegiatan.", by=by, required=True)
    _answer(stage, Random(stage.number))


def _answer(stage: Stage, random: Random) -> None:
    asked = terms_asked(stage)
    for registration in db.session.scalars(people(stage)).all():
        if random.random() < 0.1:
            continue
        sent = {question.id: _invented(question, random) for question in asked}
        save_answers(registration, check_answers(asked, registration.category.code, sent, may_follow=True).values)


def _add(stage: Stage, kind: AnswerKind, text: str, *, by: User, **terms: object) -> int:
    return add_question(stage, QuestionTerms(id=0, kind=kind, text=text, **terms), by=by).id  # type: ignore[arg-type]


def _invented(question: QuestionTerms, random: Random) -> object:
    if question.kind is AnswerKind.ONE_CHOICE:
        return random.choices(question.options, weights=(1, 4, 6, 4, 2))[0]
    if question.kind is AnswerKind.SEVERAL_CHOICES:
        return [need for need in question.options if random.random() < 0.05]
    return {AnswerKind.STATEMENT: YES, AnswerKind.SHORT_TEXT: "Kursi di dekat pintu"}.get(question.kind)
