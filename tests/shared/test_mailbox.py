import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import mailbox


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Ani.Budi@GMAIL.com", "Ani.Budi@gmail.com"),
        (" mailto:kominfo@tanjungpinangkota.go.id ", "kominfo@tanjungpinangkota.go.id"),
        ("<ani+bimtek@umrah.ac.id>;", "ani+bimtek@umrah.ac.id"),
        ("\u202aani@yahoo.co.id\u202c", "ani@yahoo.co.id"),
    ],
)
def test_addresses(typed, address):
    assert mailbox.parse_email(typed) == mailbox.EmailResult(address)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (None, "Type the e-mail"),
        (" ", "Type the e-mail"),
        ("ani", "needs an @"),
        ("ani@umrah.ac.id, budi@umrah.ac.id", "one e-mail"),
        ("ani budi@umrah.ac.id", "not complete"),
        ("ani@umrah", "not complete"),
        ("@umrah.ac.id", "not complete"),
        ("ani@", "not complete"),
        ("ani..b@umrah.ac.id", "not complete"),
        ("a" * 250 + "@umrah.ac.id", "at most 254"),
        ("a@" * 5_000, "at most 254"),
    ],
)
def test_what_is_wrong_is_said(typed, says):
    result = mailbox.parse_email(typed)
    assert result.address is None
    assert says in result.problem


@pytest.mark.parametrize(
    "typed", ["a@bimtek.test", "a@example.com", "a@Example.org", "a@mail.example.net", "a@x.example"]
)
def test_reserved_domains_only_where_allowed(typed):
    refused = mailbox.parse_email(typed)
    assert refused.address is None
    assert "receive no mail" in refused.problem
    assert mailbox.parse_email(typed, allow_reserved=True).address == "a@" + typed[2:].lower()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ani@gmail.con", "Ani@gmail.com"),
        ("ani@Gmial.com", "ani@gmail.com"),
        ("ani@yaho.com", "ani@yahoo.com"),
        ("ani@gmail", "ani@gmail.com"),
        ("ani@kominfo.kepri.go.di", "ani@kominfo.kepri.go.id"),
        ("ani@perusahaan.con", "ani@perusahaan.com"),
    ],
)
def test_slips_are_mended(typed, meant):
    result = mailbox.parse_email(typed)
    assert result.address is None
    assert result.did_you_mean == meant
    assert meant in result.problem
    assert mailbox.parse_email(meant).address == meant


@given(st.one_of(st.text(max_size=60), st.emails()))
def test_anything_gets_an_answer_that_stays(text):
    result = mailbox.parse_email(text)
    assert (result.address is None) != (result.problem is None)
    if result.address:
        assert mailbox.parse_email(result.address) == result


def test_case_makes_no_other_mailbox():
    assert mailbox.address_key("Ani@gmail.com") == mailbox.address_key("ani@GMAIL.com")
    assert mailbox.address_key(None) == ""


def test_a_masked_address_tells_its_owner_alone():
    assert mailbox.masked("siti@tanjungpinangkota.go.id") == "s***@tanjungpinangkota.go.id"
    assert mailbox.masked("a@x.id") == "a***@x.id"
