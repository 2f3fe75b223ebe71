"""What the home page shows of the shop: found once a minute, or when it has changed."""

from django.core.cache import cache
from django.db import transaction

from books.models import Book, Review

_key = "home"
_seconds = 60


def shown():
    known = cache.get(_key)
    if known is None:
        known = {
            "arrivals": list(Book.objects.with_ratings().order_by("-added", "-pk")[:6]),
            "latest_notes": list(Review.objects.select_related("book", "reader").defer("reader__password")[:3]),
        }
        cache.set(_key, known, _seconds)
    return known


def forget(**_signal):
    transaction.on_commit(lambda: cache.delete(_key))
