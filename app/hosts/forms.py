"""Forms of an agency."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.hosts.models import Host
from app.hosts.queries import has_stages
from app.hosts.rules import EDITABLE, NOTICE_LENGTH, ZONE_LABELS
from app.shared.mailbox import parse_email
from app.web.fields import options
from app.web.forms import BaseForm


class HostForm(BaseForm):
    """Letterhead, zone and emblem."""

    parent_name = StringField(
        _l("Government above it"),
        [Length(max=200)],
        description=_l("First line of the letterhead, for example PEMERINTAH KOTA TANJUNGPINANG."),
    )
    name = StringField(_l("Name of the agency"), [DataRequired(), Length(max=200)])
    address = StringField(_l("Address"), [Length(max=300)])
    city = StringField(
        _l("City"), [Length(max=100)], description=_l("Stands before the date on letters and certificates.")
    )
    phone = StringField(_l("Telephone"), [Length(max=60)], render_kw={"type": "tel", "inputmode": "tel"})
    email = StringField(
        _l("E-mail address"), [Optional(), Length(max=254)], render_kw={"type": "email", "inputmode": "email"}
    )
    website = StringField(_l("Website"), [Length(max=200)], render_kw={"inputmode": "url", "autocapitalize": "none"})
    timezone = SelectField(_l("Time zone"), choices=options(ZONE_LABELS.items()))
    emblem = FileField(
        _l("New emblem"), description=_l("PNG, JPEG or WebP, at most 2 MB. Best on a transparent ground.")
    )
    remove_emblem = BooleanField(_l("Remove the present emblem"))

    def validate_email(self, field: Any) -> None:
        problem = parse_email(field.data, allow_reserved=True).problem
        if problem:
            raise ValidationError(problem)

    @classmethod
    def of(cls, host: Host) -> HostForm:
        """With what is stored typed in; the emblem's name is no file. Without the zone where stages stand on it."""
        form = cls(data={name: getattr(host, name) for name in EDITABLE})
        if has_stages(host):
            del form.timezone
        return form

    def letterhead(self) -> dict[str, str]:
        """The fields that hosts.service.update_host takes."""
        return {name: self._fields[name].data or "" for name in EDITABLE if name in self._fields}

    def picture(self) -> bytes | None:
        """The bytes of the file that was chosen, if one was."""
        return self.emblem.data.read() or None if isinstance(self.emblem.data, FileStorage) else None


class NoticeForm(BaseForm):
    body = TextAreaField(
        _l("Text of the notice"),
        [DataRequired(), Length(min=100, max=NOTICE_LENGTH)],
        description=_l("An empty line begins a new paragraph."),
        render_kw={"rows": 18},
    )
