"""Signing in and out, one's own account, and what becomes of a form whose session has ended."""

import pytest

from app.accounts import service
from app.accounts.models import User
from app.accounts.queries import find_user
from app.accounts.views import safe_target
from app.extensions import db
from app.web import lost_session
from app.web.csrf import may_be_carried
from tests.factories import PASSWORD
from tests.pages import browse

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def sign_in(page, user, **options):
    return page.submit("main form", email=user.email.upper(), password=PASSWORD, **options)


def test_signing_in_leads_to_where_one_wanted_to_go(client, people):
    address = f"/panel/program/{people.programme.slug}/tahap"
    page = client.get(address)
    assert page.url == f"/masuk?next={address.replace('/', '%2F')}" or page.url == f"/masuk?next={address}"
    page = sign_in(page, people.manager.user)
    assert page.url == address


def test_a_wrong_password_and_an_unknown_address_sound_the_same(client, people):
    page = client.get("/masuk")
    wrong = page.submit("main form", email=people.manager.user.email, password="salah-sekali", status=422)
    unknown = page.submit("main form", email="siapa@bimtek.test", password="salah-sekali", status=422)
    assert wrong.texts(".alert-danger") == unknown.texts(".alert-danger")
    assert wrong.texts(".alert-danger")[0]
    assert wrong.one("[name=email]").get("value") == people.manager.user.email
    assert not wrong.one("[name=password]").get("value")


def test_the_eleventh_try_where_one_has_signed_in_before_is_refused_with_a_page(client, people):
    sign_in(client.get("/masuk"), people.manager.user).submit(".side-foot form")
    page = client.get("/masuk")
    for _ in range(10):
        page = page.submit("main form", email=people.manager.user.email, password="salah", status=422)
    page = sign_in(page, people.manager.user, status=429)
    assert int(page.headers["Retry-After"]) > 0


def test_a_stranger_who_guesses_locks_nobody_out_of_her_own_desk(app, client, people):
    sign_in(client.get("/masuk"), people.manager.user).submit(".side-foot form")
    for _ in range(service.WRONG_TRIES_OF_STRANGERS):
        service.authenticate(people.manager.user.email, "salah")
    assert sign_in(browse(app).get("/masuk"), people.manager.user, status=429)
    assert sign_in(client.get("/masuk"), people.manager.user).url == "/panel"


def test_a_browser_is_known_for_those_alone_who_signed_in_there(app, client, people):
    sign_in(client.get("/masuk"), people.viewer.user).submit(".side-foot form")
    for _ in range(service.WRONG_TRIES_OF_STRANGERS):
        service.authenticate(people.manager.user.email, "salah")
    sign_in(client.get("/masuk"), people.manager.user, status=429)
    cookie = client.get_cookie("browser")
    assert cookie.http_only and cookie.max_age > 300 * 24 * 3600
    assert people.viewer.user.email not in cookie.value
    client.set_cookie("browser", cookie.value[:-2])
    assert sign_in(client.get("/masuk"), people.viewer.user).url == "/panel"


def test_a_session_begins_anew_and_lasts(app, client, people):
    client.get("/masuk")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client.get("/masuk"), people.manager.user)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent
    assert "/masuk" not in client.get("/masuk", follow=True).url  # one who is signed in need not do so again


def test_a_page_left_open_too_long_comes_back_filled(client, people):
    page = client.get("/masuk")
    client.delete_cookie("session")
    page = page.submit("main form", email=people.manager.user.email, password=PASSWORD, status=422)
    assert page.one("[name=email]").get("value") == people.manager.user.email
    assert "/panel" in sign_in(page, people.manager.user).url


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil", "/\t/evil.example",
     "/x\r\nSet-Cookie: a=b", "http:///evil.example", "///evil.example", "/masuk", "/masuk?next=/x", "", None, "/" + "x" * 3000],
)  # fmt: skip
def test_no_address_leads_to_another_site(app, address):
    with app.test_request_context():
        assert safe_target(address) == "/panel"


@pytest.mark.parametrize("address", ["/panel", "/panel/kegiatan/tahap-1?cari=a%20b", "/akun"])
def test_ones_own_pages_are_led_to(app, address):
    with app.test_request_context():
        assert safe_target(address) == address


def test_an_evil_next_is_dropped(client, people):
    page = sign_in(client.get("/masuk?next=https://evil.example/"), people.manager.user)
    assert page.url == "/panel"


def test_signing_out(client, people):
    page = people.viewer.client.get("/akun")
    page = page.submit(".side-foot form")
    assert page.url == "/masuk"
    assert page.texts(".alert-success")
    assert "/masuk" in people.viewer.client.get("/akun").url
    people.viewer.client.get("/keluar", status=405)


def test_signing_out_when_the_session_has_ended_already(people):
    client = people.viewer.client
    page = client.get("/akun")
    client.delete_cookie("session")
    assert page.submit(".side-foot form").url == "/masuk"


def test_no_other_site_signs_anyone_out(people):
    people.viewer.client.post("/keluar", status=400)
    assert people.viewer.client.get("/akun").url == "/akun"


def test_a_get_writes_nothing_about_the_user(people):
    people.viewer.client.get("/akun")
    assert people.viewer.user.last_seen_at is None


def test_ones_own_name(people):
    client = people.viewer.client
    page = client.get("/akun").submit("[action='/akun/nama']", name="  Dra. Hj.  Siti ")
    assert page.texts(".alert-success")
    assert people.viewer.user.name == "Dra. Hj. Siti"
    client.get("/akun").submit("[action='/akun/nama']", name=" ", status=422)


def test_a_new_password_keeps_this_session_and_ends_the_others(app, people):
    here, there = people.viewer.client, browse(app).sign_in_as(people.viewer.user)
    page = here.get("/akun").submit(
        "[action='/akun/kata-sandi']",
        current_password=PASSWORD,
        new_password="laut tenang kapal",
        new_password_again="laut tenang kapal",
    )
    assert page.url == "/akun"
    assert page.texts(".alert-success")
    assert "/masuk" in there.get("/akun").url
    assert here.get("/akun").url == "/akun"


@pytest.mark.parametrize(
    ("current", "new", "again", "wrong"),
    [
        ("salah-sekali", "laut tenang kapal", "laut tenang kapal", "current_password"),
        (PASSWORD, "pendek", "pendek", "new_password"),
        (PASSWORD, "laut tenang kapal", "laut tenang", "new_password_again"),
        (PASSWORD, PASSWORD, PASSWORD, "new_password"),
    ],
)
def test_a_password_that_cannot_be(people, current, new, again, wrong):
    page = people.viewer.client.get("/akun")
    page = page.submit(
        "[action='/akun/kata-sandi']", current_password=current, new_password=new, new_password_again=again, status=422
    )
    page.one(f"#{wrong}-error")
    assert not any(field.get("value") for field in page.select("[type=password]"))
    assert people.viewer.user.session_version == 1


def test_signing_out_everywhere(app, people):
    here, there = people.viewer.client, browse(app).sign_in_as(people.viewer.user)
    page = here.get("/akun").submit("[action='/akun/keluar-semua']")
    assert page.url == "/masuk"
    assert "/masuk" in here.get("/akun").url
    assert "/masuk" in there.get("/akun").url


def test_a_form_without_token_changes_nothing(people):
    people.viewer.client.post("/akun/keluar-semua", status=400)
    assert find_user(people.viewer.user.get_id())


def lose_session(people, **changes):
    """A manager types into the programme's settings, her session ends, she presses the button."""
    client = people.manager.client
    page = client.get(f"/panel/program/{people.programme.slug}/pengaturan")
    data = (
        page.values(f"[action='{page.url}']")
        | {"name": "Nama baru", "summary": "Baris satu\r\n  <b>Baris dua</b>"}
        | changes
    )
    client.delete_cookie("session")
    return client, page.url, data


def test_what_was_typed_survives_a_lost_session(people):
    client, address, data = lose_session(people)
    page = client.post(address, data=data, headers=SAME_SITE, status=401)
    assert people.programme.name != "Nama baru"
    page = sign_in(page, people.manager.user)
    assert people.programme.name != "Nama baru"
    shown = page.texts("main dd")
    assert address in shown[0] and "Pengaturan" in shown[0] and "Nama baru" in shown
    assert page.texts("main dt")[1:] == ["Nama program", "Ringkasan untuk umum", "Ditampilkan untuk umum"]
    page = page.submit("main form")
    assert page.url == address
    assert page.texts(".alert-success")
    assert people.programme.name == "Nama baru"
    assert people.programme.summary == "Baris satu\n  <b>Baris dua</b>"


def test_it_survives_a_wrong_password_too(people):
    client, address, data = lose_session(people)
    page = client.post(address, data=data, headers=SAME_SITE, status=401)
    page = page.submit("main form", email=people.manager.user.email, password="salah", status=422)
    sign_in(page, people.manager.user).submit("main form")
    assert people.programme.name == "Nama baru"


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}]
)
def test_another_sites_form_is_not_carried(people, headers):
    client, address, data = lose_session(people)
    page = client.post(address, data=data, headers=headers, status=401)
    assert not page.values("main form")["typed"]
    assert sign_in(page, people.manager.user).url == "/panel"


def test_a_form_typed_in_another_browser_is_not_sent_in_ones_name(app, client, people):
    stranger, address, data = lose_session(people)
    typed = stranger.post(address, data=data, headers=SAME_SITE, status=401).values("main form")["typed"]
    other = browse(app)
    other.set_cookie("typed", "guessed")
    for visitor in (client, other):
        sent = visitor.get("/masuk").values("main form") | {"email": people.manager.user.email, "password": PASSWORD}
        assert visitor.post("/masuk", data=sent | {"typed": typed}).url == "/panel"


def test_what_another_site_sends_to_the_sign_in_page_carries_nothing(people):
    client, address, data = lose_session(people)
    typed = client.post(address, data=data, headers=SAME_SITE, status=401).values("main form")["typed"]
    page = client.post("/masuk", data={"typed": typed, "email": people.manager.user.email}, status=422)
    assert not page.values("main form")["typed"]


def test_what_gives_access_is_never_carried(app, client, people):
    address = f"/panel/penyelenggara/{people.host.slug}/pengguna/tambah"
    data = {"email": "evil@example.org", "name": "Evil", "role": "administrator", "programme": "0"}
    assert not client.post(address, data=data, headers=SAME_SITE, status=401).values("main form")["typed"]
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("accounts_staff.") or endpoint in (
            "accounts.change_password",
            "programmes_staff.add_staff",
        ):
            assert not may_be_carried(endpoint), view
    assert may_be_carried("programmes_staff.settings")


def test_an_older_browser_says_so_by_its_origin(people):
    client, address, data = lose_session(people)
    page = client.post(address, data=data, headers={"Origin": "http://localhost"}, status=401)
    assert page.values("main form")["typed"]


def test_neither_secrets_nor_floods_ride_along(app):
    address, endpoint = "/panel/program/x/pengaturan?a=1", "programmes_staff.settings"
    at_home = {"method": "POST", "headers": SAME_SITE | {"Cookie": "typed=sign"}}
    data = {"csrf_token": "t", "current_password": "p", "name": "N", "groups": ["1", "2"]}
    with app.test_request_context(address, data=data, **at_home):
        typed = lost_session.unpack(lost_session.pack_request())
    assert typed == lost_session.Typed(address, endpoint, (("name", "N"), ("groups", "1"), ("groups", "2")))
    with app.test_request_context(address, data={"name": "x" * lost_session.LONGEST}, **at_home):
        assert lost_session.pack_request() == ""
    with app.test_request_context(address, data={"password": "p"}, **at_home):
        assert lost_session.pack_request() == ""


def test_what_was_typed_cannot_be_forged(client, people):
    page = client.get("/masuk")
    page = client.post(
        "/masuk",
        data=page.values("main form")
        | {"email": people.viewer.user.email, "password": PASSWORD, "typed": "eyJ4IjoxfQ.x.y"},
    )
    assert page.url == "/panel"


def test_a_lost_session_in_a_fragment_or_another_method(client, people):
    address = f"/panel/program/{people.programme.slug}"
    client.get(address, headers={"HX-Request": "true"}, status=401)
    client.open(address, method="DELETE", status=(401, 405))


def test_a_deactivated_users_session_ends(people):
    from app.extensions import transaction

    client = people.viewer.client
    client.get("/akun")
    with transaction():
        db.session.get(User, people.viewer.user.id).active = False
    assert "/masuk" in client.get("/akun").url


def test_english_on_request(client):
    assert client.get("/masuk?lang=en").texts("h1") == ["Sign in"]
