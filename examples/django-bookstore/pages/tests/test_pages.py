from django.test import TestCase

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
