from django.test import TestCase

from books.models import Book


class ShelfTests(TestCase):
    def titles(self, address):
        return [book.title for book in self.client.get(address).context["books"]]

    def test_books_stand_in_order_of_the_alphabet_on_pages_of_twelve(self):
        first, second = self.titles("/books/"), self.titles("/books/?page=2")
        self.assertEqual(len(first), 12)
        self.assertEqual(set(first) | set(second), set(Book.objects.values_list("title", flat=True)))
        self.assertEqual(first + second, list(Book.objects.order_by("title").values_list("title", flat=True)))

    def test_a_page_that_is_not_there_is_not_found(self):
        self.assertEqual(self.client.get("/books/?page=99").status_code, 404)
        self.assertEqual(self.client.get("/books/?page=x").status_code, 404)

    def test_a_book_has_a_page_of_its_own(self):
        page = self.client.get("/books/emma/")
        self.assertContains(page, "Jane Austen, 1815")
        self.assertContains(page, "$12.00")
        self.assertContains(page, "Nobody has written in this one yet.")

    def test_text_of_the_admin_is_shown_and_never_run(self):
        Book.objects.filter(slug="emma").update(description="<script>alert(1)</script>")
        page = self.client.get("/books/emma/")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")


class SearchTests(TestCase):
    def titles(self, query):
        return [book.title for book in self.client.get("/books/search/", {"q": query}).context["books"]]

    def test_title_and_author_are_searched_in_whatever_case(self):
        self.assertEqual(self.titles("MOBY"), ["Moby-Dick"])
        self.assertEqual(self.titles("austen"), ["Emma"])

    def test_each_word_must_be_there(self):
        self.assertEqual(self.titles("emma austen"), ["Emma"])
        self.assertEqual(self.titles("emma dickens"), [])

    def test_signs_that_mean_something_to_databases_mean_nothing_here(self):
        for query in ("%", "_", "'; drop table books_book; --", "\0"):
            self.assertEqual(self.titles(query), [])

    def test_no_query_finds_nothing_and_says_what_to_do(self):
        self.assertContains(self.client.get("/books/search/"), "Type part of a title")

    def test_the_query_is_shown_and_never_run(self):
        page = self.client.get("/books/search/", {"q": "<b>x"})
        self.assertContains(page, "Nothing for “&lt;b&gt;x”")
