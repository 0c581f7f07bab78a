"""Forms of importing people out of a table: handing it in, naming its columns, and each of its rows as a form of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field as FormField

from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.queries import groups_of
from app.registration.forms import StaffPersonForm
from app.registration.forms_person import NOT_LISTED, terms_of
from app.registration.models_imports import ImportRun
from app.registration.queries_imports import Directory, directory_of
from app.registration.queries_questions import terms_asked
from app.registration.rules_import import (
    Field,
    Judged,
    Problem,
    cells_of,
    group_names,
    guess_type,
    person_values,
    question_key,
    read_type,
)
from app.registration.rules_questions import AnswerKind, QuestionTerms, check_answers, read_cell
from app.shared.identity import IdentityType
from app.shared.names import name_key
from app.shared.tables import Row
from app.shared.text import squash
from app.web.forms import first_error

TITLES = {"institution_other": Field.INSTITUTION.value}
"""Fields of the form that stand under another name in the table."""


class RowForm(StaffPersonForm):
    """A person out of a row, judged by the rules of the form that staff fill in.

    Whoever can be told neither by a number nor by an address would be added anew with every import, so one of them is asked for.
    """

    def __init__(self, directory: Directory, **kwargs: Any) -> None:
        self.directory = directory
        super().__init__(directory.host, meta={"csrf": False}, number_may_follow=True, **kwargs)

    def _known_categories(self) -> list[InstitutionCategory]:
        return self.directory.categories

    def _institution(self, chosen: str) -> Institution | None:
        return self.directory.by_id.get(int(chosen)) if chosen.isdecimal() else None

    def read(self, values: Mapping[str, str]) -> bool:
        """Fill in the values of a row and judge them."""
        self.process(MultiDict(values))
        return self.validate() and self._check_recognisable()

    def _check_recognisable(self) -> bool:
        person = self.details()
        if person.identity_number or person.email or person.phone:
            return True
        sentence = _(
            "Fill in the identity number, the e-mail address or the mobile number, by which a person is told again."
        )
        self.identity_number.errors = [*self.identity_number.errors, sentence]
        return False


def row_form(
    host: Host, values: Mapping[str, str], *, directory: Directory | None = None, reserved_mail: bool = False
) -> RowForm:
    """A row's values by rules_import.Field as a form that has been judged: `errors` say what is wrong, else `details()`."""
    known = directory or directory_of(host)
    form = RowForm(known, reserved_mail=reserved_mail, formdata=None)
    form.read(form_values(known, person_values(values)))
    return form


def form_values(directory: Directory, said: Mapping[str, str]) -> dict[str, str]:
    """The values of the form's fields out of what a row says: the directory's institution, its category, the kind of number."""
    category = directory.category(said.get("category", ""))
    institution = directory.institution(said.get("institution", ""), category)
    if category is None and institution is not None and not said.get("category"):
        category = institution.category
    named = squash(said.get("institution"))
    values = {**said} | {
        "category": category.code if category else "",
        "institution": str(institution.id) if institution else NOT_LISTED if named else "",
        "institution_other": "" if institution else named,
        "identity_type": "",
    }
    if category is not None and said.get("identity_number"):
        values["identity_type"] = _kind_of(category, said).value
    return values


def _kind_of(category: InstitutionCategory, said: Mapping[str, str]) -> IdentityType:
    terms = terms_of(category)
    named = read_type(said.get("identity_type", ""))
    if named is not None and named is not IdentityType.NONE:
        return named
    return guess_type(said["identity_number"], terms.accepted_types, terms.usual_type)


class RowReader:
    """Reads the rows of one table into people. `columns` say which column holds what (rules_import.match_columns).

    `institution`: whose people they all are, whatever the rows say. `category`: the code of the unsur of rows that name none.
    `groups`: ids of the programme's groups by name_key of their names. `questions`: the stage's own.
    """

    def __init__(
        self,
        directory: Directory,
        columns: Mapping[str, int],
        *,
        reserved_mail: bool = False,
        institution: Institution | None = None,
        category: str = "",
        groups: Mapping[str, int] | None = None,
        questions: Sequence[QuestionTerms] = (),
    ) -> None:
        self.directory = directory
        self.columns = columns
        self.institution = institution
        self.category = category
        self.groups = groups or {}
        self.questions = questions
        self._form = RowForm(directory, reserved_mail=reserved_mail, formdata=None)

    def read(self, row: Row) -> Judged:
        """A person, or each cell that is wrong."""
        cells = cells_of(row, self.columns)
        dates = {question_key(one.id) for one in self.questions if one.kind is AnswerKind.DATE}
        spoilt = {
            key: str(cell.problem)
            for key, cell in cells.items()
            if cell.problem is not None and not (cell.is_date and key in dates)
        }
        said = person_values({key: cell.text for key, cell in cells.items()})
        if not said.get("category") and "category" not in spoilt:
            said["category"] = self._usual_category(said)
        values = self._values(said)
        good = self._form.read(values)
        group_ids, strange = group_names(said.get("groups", ""), self.groups)
        answers, wrong_answers = self._answers(said, values["category"])
        problems = [Problem(key, sentence) for key, sentence in spoilt.items()]
        problems += [one for one in (*self._problems(said), *wrong_answers) if one.key not in spoilt]
        if strange:
            problems.append(Problem("groups", self._strange(strange)))
        if problems or not good:
            return Judged(None, problems=tuple(problems))
        return Judged(self._form.details(), tuple(group_ids), answers, notes=self._notes(values))

    def _answers(self, said: Mapping[str, str], category: str) -> tuple[Mapping[int, Any], list[Problem]]:
        """What the row answers to the stage's questions. As where staff type a person, an answer may be missing."""
        read = {one.id: read_cell(one, said.get(question_key(one.id), "")) for one in self.questions}
        wrong = {key: checked.problem for key, checked in read.items() if checked.problem is not None}
        given = {key: checked.value for key, checked in read.items() if checked.problem is None}
        judged = check_answers(self.questions, category, given, may_follow=True)
        problems = wrong or judged.problems
        return judged.values, [Problem(question_key(key), str(sentence)) for key, sentence in problems.items()]

    def _usual_category(self, said: Mapping[str, str]) -> str:
        return "" if self.directory.institution(said.get("institution", ""), None) else self.category

    def _values(self, said: Mapping[str, str]) -> dict[str, str]:
        if self.institution is None:
            return form_values(self.directory, said)
        own = {"category": self.institution.category.code, "institution": "", "institution_other": ""}
        values = form_values(self.directory, {**said} | own)
        return values | {"institution": str(self.institution.id), "institution_other": ""}

    def _problems(self, said: Mapping[str, str]) -> list[Problem]:
        found = [
            Problem(TITLES.get(field.name, field.name), self._sentence(field, said))
            for field, _error in self._form.visible_errors
        ]
        return list({one.key: one for one in found}.values())

    def _sentence(self, field: FormField, said: Mapping[str, str]) -> str:
        if field.name != "category":
            return first_error(field)
        names = self.directory.category_names
        example = names.get("OPD") or next(iter(names.values()), "")
        if said.get("category"):
            return _(
                "“%(said)s” is no category. Write one as the template lists them, for example %(example)s.",
                said=said["category"],
                example=example,
            )
        if named := said.get("institution"):
            near = self.directory.suggestion(named)
            if near and name_key(near) != name_key(named):
                return _("“%(said)s” is not in the directory; perhaps %(name)s is meant.", said=named, name=near)
            if not near:
                return _(
                    "“%(said)s” is not in the directory. Correct the name, or write its category, for example %(example)s.",
                    said=named,
                    example=example,
                )
        return _(
            "Write the category as the template lists them, for example %(example)s. "
            "It goes without saying only for institutions of the directory.",
            example=example,
        )

    def _strange(self, names: list[str]) -> str:
        if not self.groups:
            return _("The programme has no groups; leave this cell empty.")
        return _(
            "There is no group “%(name)s”. Correct the name, or add the group to the programme first.", name=names[0]
        )

    def _notes(self, values: Mapping[str, str]) -> tuple[str, ...]:
        named = values.get("institution_other", "")
        if not named:
            return ()
        near = self.directory.suggestion(named)
        if near:
            return (_("“%(said)s” is not in the directory; perhaps %(name)s is meant.", said=named, name=near),)
        return (_("“%(said)s” is not in the directory and is taken as typed.", said=named),)


def reader_of(run: ImportRun, *, reserved_mail: bool = False) -> RowReader:
    """Reads the rows of a table that was handed in, with what is known of its columns."""
    return RowReader(
        directory_of(run.stage.host),
        run.columns,
        reserved_mail=reserved_mail,
        category=run.category,
        groups={name_key(group.name): group.id for group in groups_of(run.stage.programme)},
        questions=terms_asked(run.stage),
    )
