"""Who may open which route. Denied by default: every route declares its access here, and a test reads the declarations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user

from app.accounts.models import User
from app.accounts.rules import MAY, Permission, Role
from app.extensions import login

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
SIGNED_IN = "signed-in"
BEARER = "bearer"


@dataclass(frozen=True)
class Scope:
    """What a permission is asked on: something of a host, and of a programme unless `programme_id` is None."""

    host_id: int
    programme_id: int | None = None


@dataclass(frozen=True)
class Subject:
    """How a URL variable becomes an object: `load(slug)` answers it or None, `scope(object)` where it belongs."""

    load: Callable[[str], Any]
    scope: Callable[[Any], Scope]
    kind: type


_subjects: dict[str, Subject] = {}


def register_subject(variable: str, subject: Subject) -> None:
    """Let `@needs` turn the URL variable `variable` ("host", "programme", "stage") into its object."""
    _subjects[variable] = subject


def find_subject(variable: str, slug: str) -> Any:
    """The object that a URL variable names; None where there is none."""
    return _subjects[variable].load(slug)


def scope_of(thing: Any) -> Scope:
    """Where a host, programme or stage belongs. TypeError for anything else."""
    for subject in _subjects.values():
        if isinstance(thing, subject.kind):
            return subject.scope(thing)
    raise TypeError(f"{type(thing).__name__} has no scope of permissions")


def roles_in(user: User, scope: Scope) -> frozenset[Role]:
    """The roles that `user` has on `scope`: of its programme, and of its host."""
    return frozenset(
        membership.role
        for membership in user.memberships
        if membership.host_id == scope.host_id and membership.programme_id in (None, scope.programme_id)
    )


def may(permission: Permission, thing: Any, user: User | None = None) -> bool:
    """Whether `user` (default: whoever is signed in) may do `permission` on a host, programme or stage."""
    user = user or current_user
    if not user.is_authenticated:
        return False
    return any(permission in MAY[role] for role in roles_in(user, scope_of(thing)))


def require(permission: Permission, thing: Any) -> Any:
    """`thing`, if whoever is signed in may do `permission` on it; else 404 for strangers to it, 403 for members of another role."""
    if thing is None or not roles_in(current_user, scope_of(thing)):
        abort(404)
    if not may(permission, thing):
        abort(403)
    return thing


def public(view: View) -> View:
    """Open to everyone."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def bearer(view: View) -> View:
    """For the API: the view itself asks for a token; no cookie is ever looked at."""
    view.access = BEARER  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to all staff; the view decides what each sees."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def needs(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open to staff with `permission` on the host, programme or stage that the URL names by its slug.

    The view receives the object in place of the slug.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            for variable in values.keys() & _subjects.keys():
                values[variable] = require(permission, _subjects[variable].load(values[variable]))
            return view(**values)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def init_app(app: Flask) -> None:
    """Guard every route of `app`."""
    app.before_request(_guard)
    app.jinja_env.globals.update(may=may, Permission=Permission)


def _guard() -> Any:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is None:
        abort(403)
    if access not in (PUBLIC, BEARER) and not current_user.is_authenticated:
        return login.unauthorized()
    return None
