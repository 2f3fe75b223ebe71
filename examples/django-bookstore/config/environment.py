"""Reads environment variables. What is missing or malformed is named, never guessed."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_yes = {"1", "on", "true", "yes"}
_no = {"0", "off", "false", "no", ""}
_engines = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


def text(name, default=None):
    """The variable's value; required where there is no default."""
    value = os.environ.get(name, default)
    if value is None or (value == "" and default is None):
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name, default):
    """On or off."""
    value = os.environ.get(name, "on" if default else "off").strip().lower()
    if value not in _yes | _no:
        raise ImproperlyConfigured(f"{name}: expected on or off, got {value!r}.")
    return value in _yes


def number(name, default):
    """A whole number of 0 or more."""
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}: expected a whole number, got {value!r}.")
    return int(value)


def words(name, default):
    """A list with commas between its items."""
    items = os.environ.get(name, default).split(",")
    return [item.strip() for item in items if item.strip()]


def database(name):
    """Settings of the database that a URL names, as in postgres://user:password@host:5432/shop."""
    url = urlsplit(text(name))
    engine = _engines.get(url.scheme)
    if engine is None:
        expected = "postgres:// or sqlite://"
        raise ImproperlyConfigured(f"{name}: expected a URL that starts with {expected}.")
    if url.scheme == "sqlite":
        return {"ENGINE": engine, "NAME": url.path[1:] or ":memory:"}
    return {
        "ENGINE": engine,
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": url.port or "",
        "OPTIONS": dict(parse_qsl(url.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
