"""E-mail addresses: checked by their form alone, since an aula has no name server to ask."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext

from app.shared.text import squash

LONGEST = 254

_RIGHT_DOMAINS = {
    "gmail.com": "gmail.con gmail.co gmail.cm gmail.cpm gmail.comm gmail.om gmail.ocm gmail.co.id gmail.id gmail "
    "gmial.com gmai.com gmal.com gmil.com gmaill.com gnail.com gamil.com gmali.com gmailcom gemail.com gimail.com",
    "yahoo.com": "yahoo.con yahoo.cm yahoo.cpm yahoo.comm yaho.com yhoo.com yahooo.com yahho.com yaoo.com yahoo",
    "yahoo.co.id": "yahoo.co.di yahoo.go.id yaho.co.id yahooo.co.id yahoo.coid yahoo.co.ic",
    "hotmail.com": "hotmail.con hotmial.com hotmai.com hotmal.com hotmil.com hotmail",
    "outlook.com": "outlook.con outlok.com outloo.com outlook.co outlook",
    "icloud.com": "icloud.con iclod.com iclould.com icloud",
}
_TYPOS = {wrong: right for right, wrongs in _RIGHT_DOMAINS.items() for wrong in wrongs.split()}
_WRONG_ENDINGS = {".con": ".com", ".cpm": ".com", ".go.di": ".go.id", ".ac.di": ".ac.id", ".co.di": ".co.id"}
_RESERVED_LABELS = ("test", "example")


@dataclass(frozen=True)
class EmailResult:
    """A normalised address, or a sentence that says what is wrong; did_you_mean mends a known slip."""

    address: str | None
    problem: str | None = None
    did_you_mean: str | None = None


def parse_email(text: str | None, *, allow_reserved: bool = False) -> EmailResult:
    """Read one address; its domain comes back in lower case, its local part as typed.

    Domains that never receive mail (.test, example.*; RFC 2606) are taken only with allow_reserved,
    for demos and tests.
    """
    typed = squash(text).removeprefix("mailto:").strip(" ,;<>")
    if not typed:
        return EmailResult(None, gettext("Type the e-mail address."))
    if len(typed) > LONGEST:
        return EmailResult(None, gettext("An e-mail address has at most %(most)d characters.", most=LONGEST))
    local, at, domain = typed.rpartition("@")
    if not at:
        return EmailResult(None, gettext("An e-mail address needs an @, for example nama@instansi.go.id."))
    if "@" in local:
        return EmailResult(None, gettext("Type one e-mail address only."))
    return _slip(local, domain) or _validated(typed, allow_reserved)


def address_key(address: str | None) -> str:
    """Return the form by which two addresses are the same: case does not count."""
    return (address or "").casefold()


def masked(address: str) -> str:
    """Return an address that its owner recognises and nobody else can use: "s***@kota.go.id"."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _slip(local: str, domain: str) -> EmailResult | None:
    """Return the mended address where the domain is a known misspelling that nobody's mailbox has."""
    right = _right_domain(domain.lower())
    if not local or right is None:
        return None
    meant = f"{local}@{right}"
    problem = gettext("The part after the @ is misspelt. Perhaps you mean %(address)s?", address=meant)
    return EmailResult(None, problem, did_you_mean=meant)


def _right_domain(domain: str) -> str | None:
    if domain in _TYPOS:
        return _TYPOS[domain]
    for wrong, right in _WRONG_ENDINGS.items():
        if domain.endswith(wrong) and domain != wrong:
            return domain.removesuffix(wrong) + right
    return None


def _validated(typed: str, allow_reserved: bool) -> EmailResult:
    domain = typed.rpartition("@")[2]
    if not allow_reserved and _is_reserved(domain):
        return EmailResult(None, gettext("Addresses that end in %(domain)s receive no mail.", domain=domain))
    try:
        checked = validate_email(typed, check_deliverability=False, test_environment=allow_reserved)
    except EmailNotValidError:
        return EmailResult(None, gettext("This e-mail address is not complete or holds a wrong character."))
    return EmailResult(checked.normalized)


def _is_reserved(domain: str) -> bool:
    labels = domain.lower().split(".")
    return labels[-1] in _RESERVED_LABELS or labels[-2:-1] == ["example"]
