from django.core.cache import cache
from django.test import TestCase, TransactionTestCase, override_settings

from accounts.models import Reader
from books.models import Book


class PagesTests(TestCase):
    def test_home_has_the_way_to_everything(self):
        page = self.client.get("/")
        for text in ("Books", "About", "Log In", "Sign Up", 'role="search"', "Just unpacked"):
            self.assertContains(page, text)
        self.assertNotContains(page, "Found in the margins")

    def test_home_shows_the_latest_notes(self):
        reader = Reader.objects.create_user("ann@example.com", name="Ann")
        Book.objects.get(slug="emma").reviews.create(reader=reader, rating=5, text="Read it twice.")
        page = self.client.get("/")
        self.assertContains(page, "Found in the margins")
        self.assertContains(page, "Read it twice.")

    def test_home_stands_without_any_book(self):
        Book.objects.all().delete()
        self.assertContains(self.client.get("/"), "The first boxes are on their way.")

    def test_about_says_who_we_are(self):
        self.assertContains(self.client.get("/about/"), "What the margins are for")

    def test_an_unknown_address_is_answered_in_the_shops_own_words(self):
        self.assertContains(self.client.get("/nowhere/"), "This page is missing", status_code=404)


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
class HomeInCacheTests(TransactionTestCase):
    def setUp(self):
        self.addCleanup(cache.clear)
        self.book = Book.objects.create(title="Evelina", slug="evelina", author="Frances Burney", year=1778, price=12)
        self.client.get("/")

    def test_home_is_found_once(self):
        with self.assertNumQueries(0):
            self.assertContains(self.client.get("/"), "Evelina")

    def test_what_changes_on_it_is_seen_at_once(self):
        self.book.title = "Evelina, annotated"
        self.book.save()
        self.assertContains(self.client.get("/"), "Evelina, annotated")
        self.book.delete()
        self.assertNotContains(self.client.get("/"), "annotated")
