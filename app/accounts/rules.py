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


class Permission(enum.StrEnum):
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
    Role.ORGANISER: _SEES
    | {_P.VIEW_PEOPLE, _P.EDIT_PEOPLE, _P.SCAN, _P.VIEW_ATTENDANCE, _P.EDIT_AGENDA, _P.VIEW_FEEDBACK},
    Role.FACILITATOR: _SEES | {_P.VIEW_ATTENDANCE, _P.RUN_FEEDBACK, _P.VIEW_FEEDBACK},
    Role.CERTIFIER: _SEES
    | {_P.VIEW_PEOPLE, _P.VIEW_ATTENDANCE, _P.VIEW_FEEDBACK, _P.VIEW_CERTIFICATES, _P.ISSUE_CERTIFICATES},
    Role.VIEWER: _SEES | {_P.VIEW_ATTENDANCE, _P.VIEW_FEEDBACK, _P.VIEW_CERTIFICATES},
}

PASSWORD_LENGTH = 10
PASSWORD_LONGEST = 200
NAME_LENGTH = 120
# Of the lists of leaked passwords, those of ten characters and more, and what Indonesians would think of first.
COMMON_PASSWORDS = frozenset(
    """
    1234567890 12345678910 0123456789 9876543210 1234512345 1111111111 0000000000 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop
    qwerty12345 qwerty123456 password12 password123 password1234 passw0rd123 p@ssw0rd123 admin12345 administrator
    adminadmin admin123456 indonesia1 indonesia45 indonesia123 indonesia1945 merdeka1945 pancasila1 bismillah1
    bismillah123 bismillahirrahmanirrahim alhamdulillah assalamualaikum sayangku123 sayang12345 rahasia123
    katasandi1 katasandi123 smartcity1 smartcity2019 smartcity123 tanjungpinang tanjungpinang1 diskominfo
    diskominfo1 diskominfo123 bimtek12345 bimtek2019 bimtek2026 abcdefghij abcd123456 abc1234567 letmein123
    welcome123 welcome1234 iloveyou123 princess123 football123
    """.split()  # noqa: SIM905
)


class AccountRefusal(enum.Enum):
    """Why an account, a password or a role cannot be as asked."""

    EMAIL_TAKEN = "email_taken"
    BAD_EMAIL = "bad_email"
    NO_NAME = "no_name"
    WRONG_PASSWORD = "wrong_password"
    PASSWORD_SHORT = "password_short"
    PASSWORD_LONG = "password_long"
    PASSWORD_PERSONAL = "password_personal"
    PASSWORD_COMMON = "password_common"
    PASSWORD_SAME = "password_same"
    LAST_ADMINISTRATOR = "last_administrator"
    ONESELF = "oneself"
    SHARED = "shared"
    INACTIVE = "inactive"


ACCOUNT_REFUSALS = {
    AccountRefusal.EMAIL_TAKEN: _l("There is already a user with this e-mail address."),
    AccountRefusal.BAD_EMAIL: _l("This e-mail address is not complete or holds a wrong character."),
    AccountRefusal.NO_NAME: _l("Type the name."),
    AccountRefusal.WRONG_PASSWORD: _l("The present password is wrong."),
    AccountRefusal.PASSWORD_SHORT: _l("A password has at least 10 characters."),
    AccountRefusal.PASSWORD_LONG: _l("A password has at most 200 characters."),
    AccountRefusal.PASSWORD_PERSONAL: _l("The password must not be the name or the e-mail address."),
    AccountRefusal.PASSWORD_COMMON: _l("This password is too easy to guess; choose another, for example four words."),
    AccountRefusal.PASSWORD_SAME: _l("The new password is the same as the present one."),
    AccountRefusal.LAST_ADMINISTRATOR: _l(
        "The last administrator of an agency cannot be removed; name another one first."
    ),
    AccountRefusal.ONESELF: _l("Nobody can deactivate his own account."),
    AccountRefusal.SHARED: _l("This user also works for another agency; only the user can change the account."),
    AccountRefusal.INACTIVE: _l("This account is deactivated; its administrator must activate it first."),
}

_REFUSED_FIELDS = {
    AccountRefusal.NO_NAME: "name",
    AccountRefusal.PASSWORD_SHORT: "password",
    AccountRefusal.PASSWORD_LONG: "password",
    AccountRefusal.PASSWORD_PERSONAL: "password",
    AccountRefusal.PASSWORD_COMMON: "password",
    AccountRefusal.PASSWORD_SAME: "password",
}


class AccountRefused(ValueError):
    """`reason` says why, `sentence` says it to a person, `field` names what it concerns in a form."""

    def __init__(self, reason: AccountRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = ACCOUNT_REFUSALS[reason]
        self.field = _REFUSED_FIELDS.get(reason, "email")


def password_problem(password: str, *, email: str, name: str) -> AccountRefusal | None:
    """What is wrong with a new password, or None. Length is what protects; no signs or digits are demanded."""
    if len(password) < PASSWORD_LENGTH:
        return AccountRefusal.PASSWORD_SHORT
    if len(password) > PASSWORD_LONGEST:
        return AccountRefusal.PASSWORD_LONG
    plain = _plain(password)
    if plain in {_plain(email), _plain(email.partition("@")[0]), _plain(name)}:
        return AccountRefusal.PASSWORD_PERSONAL
    if plain in COMMON_PASSWORDS or len(set(password)) < 4:
        return AccountRefusal.PASSWORD_COMMON
    return None


def _plain(text: str) -> str:
    """Without case and spaces."""
    return "".join(text.split()).casefold()
