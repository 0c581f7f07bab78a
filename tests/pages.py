"""A client that behaves as a browser does and checks every page it opens.

page = client.get("/kegiatan/tahap-1/daftar")            # follows redirects, expects 200, checks the page
page = page.submit("form#registration", name="Siti")     # all the form's fields with these changed, its token included
page.one("h1").text_content(); page.texts(".flash"); page.status; page.url; page.json
"""

import contextvars
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from lxml.html import CheckboxGroup, FormElement, HtmlElement
from werkzeug.test import TestResponse

REDIRECTS = {301, 302, 303, 307, 308}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


def browse(app: Flask) -> "PageClient":
    """A new visitor, with cookies of her own."""
    return PageClient(app, app.response_class, use_cookies=True)


class PageClient(FlaskClient):
    """`get`, `post` … answer a Page. Each request runs outside the test's application context, as a real one would."""

    def request_raw(self, *args: Any, **options: Any) -> TestResponse:
        """One request, no redirect followed, nothing checked."""
        context = contextvars.Context()
        for variable, value in contextvars.copy_context().items():
            if not variable.name.startswith("flask."):
                context.run(variable.set, value)
        try:
            return context.run(super().open, *args, **options)
        finally:
            forget_what_was_read()

    def open(  # type: ignore[override]
        self, *args: Any, status: int | tuple[int, ...] = 200, check: bool = True, follow: bool = True, **options: Any
    ) -> "Page":
        """Request; assert the status (after redirects) and, if it is HTML, that the page is well made."""
        response = self.request_raw(*args, **options)
        path = response.request.path + (
            f"?{response.request.query_string.decode()}" if response.request.query_string else ""
        )
        hops = []
        while follow and response.status_code in REDIRECTS:
            path = urljoin(path, response.headers["Location"])
            hops.append(path)
            assert len(hops) < 10, f"redirected for ever: {hops}"
            parts = urlsplit(path)
            response = self.request_raw(parts.path, query_string=parts.query, method="GET")
        page = Page(self, path, response, hops)
        wanted = (status,) if isinstance(status, int) else status
        assert page.status in wanted, f"{path}: {page.status}, expected {status}\n{page.excerpt()}"
        if check and page.is_html:
            problems = list(faults(page))
            assert not problems, f"{path}:\n  " + "\n  ".join(problems)
        return page

    def sign_in_as(self, user: Any) -> "PageClient":
        """Be `user` from now on, without the sign-in page."""
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"], session["_fresh"] = user.get_id(), True
        return self


def forget_what_was_read() -> None:
    """The test reads again what a request, a thread or another process may have changed."""
    from app.extensions import db

    if has_app_context() and not db.session().info.get("writing"):
        db.session.rollback()


class Page:
    """An answer, parsed if it is HTML. `hops` are the addresses of the redirects that led here."""

    def __init__(self, client: PageClient, url: str, response: TestResponse, hops: list[str]) -> None:
        self.client, self.url, self.response, self.hops = client, url, response, hops
        self.status, self.headers, self.data = response.status_code, response.headers, response.data
        self.is_html = response.mimetype == "text/html"
        self.text = (
            response.get_data(as_text=True)
            if (response.mimetype or "").startswith(("text/", "application/json"))
            else ""
        )
        self._tree: HtmlElement | None = None

    @property
    def json(self) -> Any:
        return self.response.get_json()

    @property
    def tree(self) -> HtmlElement:
        if self._tree is None:
            assert self.is_html, f"{self.url} is {self.response.mimetype}"
            whole = "<html" in self.text[:300].lower()
            self._tree = (
                lxml.html.document_fromstring(self.text) if whole else lxml.html.fragment_fromstring(self.text, "div")
            )
        return self._tree

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole page, not a fragment for htmx."""
        return self.tree.tag == "html"

    def select(self, css: str) -> list[HtmlElement]:
        return self.tree.cssselect(css)

    def one(self, css: str) -> HtmlElement:
        found = self.select(css)
        assert len(found) == 1, f"{self.url}: {len(found)} × {css}\n{self.excerpt()}"
        return found[0]

    def texts(self, css: str) -> list[str]:
        """The visible text of each match, white space tidied."""
        return [" ".join(element.text_content().split()) for element in self.select(css)]

    def words(self) -> str:
        """The text of the page's body, white space tidied."""
        return " ".join(" ".join(self.tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")).split())

    def excerpt(self) -> str:
        return self.words()[:1500] if self.is_html else self.text[:1500]

    def follow(self, css: str, **options: Any) -> "Page":
        """Open the address of the link that `css` names."""
        return self.client.get(urljoin(self.url, self.one(css).get("href")), **options)

    def form(self, css: str = "main form") -> FormElement:
        form = self.one(css)
        assert isinstance(form, FormElement), f"{css} is <{form.tag}>"
        return form

    def values(self, css: str = "main form") -> dict[str, Any]:
        """What the form would send as it stands: name to value, or to a list where a name comes twice."""
        return _collect(self.form(css).form_values())

    def submit(
        self, css: str = "main form", *, button: str | None = None, status: int | tuple[int, ...] = 200, **values: Any
    ) -> "Page":
        """Send the form as a browser would, with `values` put into its fields (True and False tick boxes; a tuple is a file).

        AssertionError for a field that the form lacks or a choice that it does not offer, as nobody could make it.
        `button="name=value"` is the button that is pressed, where it matters.
        """
        form = self.form(css)
        files = {name: value for name, value in values.items() if isinstance(value, tuple)}
        for name, value in values.items():
            if name not in files:
                _fill(form, name, value)
        data = _collect(form.form_values()) | files
        if button:
            name, _, value = button.partition("=")
            data[name] = value
        target = urljoin(self.url, form.get("action") or self.url)
        options: dict[str, Any] = {"status": status, "headers": {"Referer": urljoin("http://localhost", self.url)}}
        if form.method == "GET":
            return self.client.get(urlsplit(target).path, query_string=data, **options)
        multipart = form.get("enctype") == "multipart/form-data"
        content_type = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        return self.client.post(target, data=data, content_type=content_type, **options)


def _collect(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in pairs:
        data[name] = (
            [*data[name], value] if isinstance(data.get(name), list) else [data[name], value] if name in data else value
        )
    return data


def _fill(form: FormElement, name: str, value: Any) -> None:
    assert name in form.inputs, f"no field {name!r} among {sorted(filter(None, form.inputs.keys()))}"
    field = form.inputs[name]
    kind = getattr(field, "type", getattr(field, "tag", ""))  # a group of radio buttons has neither
    if kind == "checkbox" and isinstance(value, bool):
        field.checked = value
    elif (
        kind == "checkbox" or isinstance(field, CheckboxGroup) or hasattr(field, "add")
    ):  # a group of boxes or a select with several
        field.value = {str(one) for one in (value if isinstance(value, list | set) else [value])}
    elif kind in ("radio", "select") or hasattr(field, "value_options"):
        offered = list(field.value_options)
        assert str(value) in offered, f"{name!r} offers {offered}, not {value!r}"
        field.value = str(value)
    else:
        field.value = str(value)


def faults(page: Page) -> Iterator[str]:
    """What is wrong with the making of a page, one sentence each."""
    tree = page.tree
    if page.is_whole:
        if tree.get("lang") not in ("id", "en"):
            yield f"lang is {tree.get('lang')!r}"
        if not (tree.findtext(".//title") or "").strip():
            yield "no title"
        if len(tree.cssselect("h1")) != 1:
            yield f"{len(tree.cssselect('h1'))} h1"
        if not tree.cssselect("main"):
            yield "no main"
    identities = Counter(element.get("id") for element in tree.xpath(".//*[@id]"))
    yield from (f"id {name!r} stands {count} times" for name, count in identities.items() if count > 1)
    yield from _dangling(tree, identities, whole=page.is_whole)
    yield from _unnamed(tree)
    yield from _unsafe(tree)


def _dangling(tree: HtmlElement, identities: Counter[str], *, whole: bool) -> Iterator[str]:
    if not whole:
        return
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list"):
        for element in tree.xpath(f".//*[@{attribute}]"):
            for name in element.get(attribute).split():
                if name not in identities:
                    yield f"<{element.tag} {attribute}={name!r}> points nowhere"


def _unnamed(tree: HtmlElement) -> Iterator[str]:
    labelled = {label.get("for") for label in tree.cssselect("label[for]")}
    for field in tree.cssselect("input, select, textarea"):
        if field.get("type", "text") in UNLABELLED or field.get("aria-label") or field.get("aria-labelledby"):
            continue
        if field.get("id") not in labelled and not any(parent.tag == "label" for parent in field.iterancestors()):
            yield f"<{field.tag} name={field.get('name')!r}> has no label"
    for element in tree.cssselect("button, a[href]"):
        pictures = element.xpath(".//img/@alt | .//svg/title/text() | .//*/@aria-label")
        if not (
            element.text_content().strip()
            or element.get("aria-label")
            or element.get("aria-labelledby")
            or any(pictures)
        ):
            yield f"{lxml.html.tostring(element, encoding='unicode')[:120]} has no name"
    yield from ("an image without alt" for _image in tree.cssselect("img:not([alt])"))


def _unsafe(tree: HtmlElement) -> Iterator[str]:
    for element in tree.xpath(".//*[@style] | .//style | .//script[not(@src) and not(contains(@type, 'json'))]"):
        yield f"inline style or script: {lxml.html.tostring(element, encoding='unicode')[:120]}"
    for element in tree.xpath(".//*[@*[starts-with(name(), 'on') or starts-with(name(), 'hx-on')]]"):
        yield f"inline handler: {lxml.html.tostring(element, encoding='unicode')[:120]}"
    for address in tree.xpath(".//@href | .//@src | .//@action"):
        if re.match(r"\s*javascript:", address, re.IGNORECASE):
            yield f"script in an address: {address[:80]}"
    for form in tree.cssselect("form"):
        if (form.get("method") or "get").lower() == "post" and not form.cssselect("input[name=csrf_token]"):
            yield f"form to {form.get('action')!r} has no csrf_token"
