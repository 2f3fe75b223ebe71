"""What an app does with its cache by clients of Python's that log in with SASL: both do what they say, or this ends."""

import os
import sys

import bmemcached
import pylibmc

servers = os.environ["MEMCACHIER_SERVERS"].split(",")
login = {"username": os.environ["MEMCACHIER_USERNAME"], "password": os.environ["MEMCACHIER_PASSWORD"]}


def of_bmemcached(**more):
    return bmemcached.Client(servers, **{**login, **more})


def of_pylibmc(**more):
    return pylibmc.Client(servers, binary=True, **{**login, **more})


for name, client in (("bmemcached", of_bmemcached), ("pylibmc", of_pylibmc)):
    cache = client()
    key = name + "/book"
    assert cache.set(key, {"title": "Walden", "tags": ["a", "ü"]}, time=600) is True
    assert cache.get(key) == {"title": "Walden", "tags": ["a", "ü"]}
    assert not cache.add(key, "again")
    assert cache.replace(key, "replaced")
    assert cache.get(key) == "replaced"
    assert cache.get(name + "/none") is None
    for number in range(50):
        cache.set(name + f"/{number}", number)
    assert cache.get_multi([name + f"/{number}" for number in range(50)]) == {
        name + f"/{number}": number for number in range(50)
    }
    cache.set(name + "/visits", 41)
    assert cache.incr(name + "/visits", 1) == 42
    assert cache.decr(name + "/visits", 2) == 40
    large = os.urandom(900_000)
    assert cache.set(name + "/large", large)
    assert cache.get(name + "/large") == large
    assert cache.delete(key)
    assert cache.get(key) is None
    cache.disconnect_all()

# What one has written the other reads, which may take it for bytes: what flags mean is each client's own matter.
of_bmemcached().set("shared", "yes")
assert of_pylibmc().get("shared") in ("yes", b"yes")

for name, client in (("bmemcached", of_bmemcached), ("pylibmc", of_pylibmc)):
    try:
        found = client(password="guess").get("shared")
    except Exception:
        found = None
    assert found is None, name + " read something with a wrong password"
print("python: ok", file=sys.stdout)
