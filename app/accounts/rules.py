"""Roles and what each may do."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class Role(enum.Enum):
    """Administrator belongs to a host; the others to a programme."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    ORGANISER = "organiser"
    FACILITATOR = "facilitator"
    CERTIFIER = "certifier"
    VIEWER = "viewer"


class Permission(enum.Enum):
    """What a page or a call asks for."""

    EDIT_HOST = "edit_host"
    VIEW_PROGRAMME = "view_programme"
    EDIT_PROGRAMME = "edit_programme"
    VIEW_STAGE = "view_stage"
    VIEW_PEOPLE = "view_people"
    EDIT_PEOPLE = "edit_people"
    SCAN = "scan"
    VIEW_ATTENDANCE = "view_attendance"
    EDIT_AGENDA = "edit_agenda"
    RUN_FEEDBACK = "run_feedback"
    VIEW_FEEDBACK = "view_feedback"
    VIEW_CERTIFICATES = "view_certificates"
    ISSUE_CERTIFICATES = "issue_certificates"


ROLE_LABELS = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.MANAGER: _l("Manager"),
    Role.ORGANISER: _l("Organiser"),
    Role.FACILITATOR: _l("Facilitator"),
    Role.CERTIFIER: _l("Certificate officer"),
    Role.VIEWER: _l("Viewer"),
}
PROGRAMME_ROLES = (Role.MANAGER, Role.ORGANISER, Role.FACILITATOR, Role.CERTIFIER, Role.VIEWER)

_P = Permission
_SEES = frozenset({_P.VIEW_PROGRAMME, _P.VIEW_STAGE})
MAY: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - {_P.EDIT_HOST},
    Role.ORGANISER: _SEES | {_P.VIEW_PEOPLE, _P.EDIT_PEOPLE, _P.SCAN, _P.VIEW_ATTENDANCE, _P.EDIT_AGENDA, _P.VIEW_FEEDBACK},
    Role.FACILITATOR: _SEES | {_P.VIEW_ATTENDANCE, _P.RUN_FEEDBACK, _P.VIEW_FEEDBACK},
    Role.CERTIFIER: _SEES | {_P.VIEW_PEOPLE, _P.VIEW_ATTENDANCE, _P.VIEW_FEEDBACK, _P.VIEW_CERTIFICATES, _P.ISSUE_CERTIFICATES},
    Role.VIEWER: _SEES | {_P.VIEW_ATTENDANCE, _P.VIEW_FEEDBACK, _P.VIEW_CERTIFICATES},
}
