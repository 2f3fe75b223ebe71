"""What took queries to find is kept in the cache that MEMCACHIER_SERVERS names; without one, nothing is kept."""

from django.core.cache.backends.memcached import PyMemcacheCache
from django.core.exceptions import ImproperlyConfigured
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

from config import environment

# A page waits this long for the cache and is then made without it.
patience_seconds = 0.25


def caches():
    """Django's CACHES."""
    servers = environment.words("MEMCACHIER_SERVERS", "")
    if not servers:
        return {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    user, password = environment.text("MEMCACHIER_USERNAME", ""), environment.text("MEMCACHIER_PASSWORD", "")
    if bool(user) != bool(password):
        raise ImproperlyConfigured("Set both MEMCACHIER_USERNAME and MEMCACHIER_PASSWORD, or neither.")
    options = {
        "connect_timeout": patience_seconds,
        "timeout": patience_seconds,
        "no_delay": True,
        "ignore_exc": True,
        "dead_timeout": 5,
        "login": f"{user} {password}" if user else None,
    }
    return {
        "default": {
            "BACKEND": "config.memcache.LoggedInCache",
            "LOCATION": servers,
            "KEY_PREFIX": "marginalia",
            "OPTIONS": options,
        }
    }


class LoggedInCache(PyMemcacheCache):
    """Django's own backend, with connections that log in."""

    def __init__(self, server, params):
        super().__init__(server, params)
        login = self._options.pop("login", None)

        class LoggedInClient(Client):
            def _connect(self):
                super()._connect()
                if login is not None:
                    # By memcached's text protocol, the first value that is set is "user password".
                    self.set("login", login, noreply=False)

        class LoggedInClients(HashClient):
            client_class = LoggedInClient

        self._class = LoggedInClients
