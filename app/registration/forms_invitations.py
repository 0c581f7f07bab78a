"""The form of how many people each institution is asked to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from app.institutions.models import Institution
from app.web.forms import BaseForm

MOST_SEATS = 200


class InvitationsForm(BaseForm):
    """One number for each institution; empty or 0 means that it is not invited. Make it with `for_institutions`."""

    @classmethod
    def for_institutions(cls, institutions: Sequence[Institution], seats: dict[int, int]) -> InvitationsForm:
        """`seats`: the numbers asked so far, by the id of the institution."""
        limits = [Optional(), NumberRange(0, MOST_SEATS, _l("A number from 0 to %(most)s.", most=MOST_SEATS))]
        numbers: dict[str, Any] = {_key(one.id): IntegerField(one.name, limits) for one in institutions}
        form = type("InvitationsForm", (cls,), numbers)(data={_key(key): number for key, number in seats.items()})
        form.ids = [one.id for one in institutions]
        return form

    def number_of(self, institution_id: int) -> Any:
        """The field of an institution."""
        return self[_key(institution_id)]

    def seats(self) -> dict[int, int]:
        """The numbers typed, by the id of the institution."""
        return {one: self.number_of(one).data or 0 for one in self.ids}


def _key(institution_id: int) -> str:
    return f"seats_{institution_id}"
