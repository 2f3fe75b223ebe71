from django.test import TestCase

from accounts.models import Reader
from books.models import Book, Review


class ReviewTests(TestCase):
    def setUp(self):
        self.book = Book.objects.get(slug="emma")
        self.ann = Reader.objects.create_user("ann@example.com", name="Ann")
        self.client.force_login(self.ann)

    def write(self, **values):
        return self.client.post("/books/emma/notes/", {"rating": 4, "text": "Slow, then not.", **values})

    def test_a_note_is_shown_with_its_writers_name_and_without_the_address(self):
        self.assertRedirects(self.write(), "/books/emma/#notes")
        page = self.client.get("/books/emma/")
        self.assertContains(page, "Slow, then not.")
        self.assertContains(page, "Ann")
        self.assertNotContains(page, "ann@example.com")

    def test_a_reader_without_a_name_stays_without_one(self):
        self.client.force_login(Reader.objects.create_user("bob@example.com"))
        self.write()
        self.assertContains(self.client.get("/books/emma/"), "A reader")

    def test_a_second_note_takes_the_place_of_the_first(self):
        self.write()
        self.write(rating=2, text="No.")
        self.assertEqual([(review.rating, review.text) for review in self.book.reviews.all()], [(2, "No.")])

    def test_the_stars_are_the_average_of_all_notes(self):
        for number, rating in enumerate((2, 3, 5)):
            self.book.reviews.create(reader=Reader.objects.create_user(f"r{number}@example.com"), rating=rating)
        self.assertContains(self.client.get("/books/emma/"), "Rated 3.3 of 5")

    def test_a_bad_note_is_given_back_with_what_is_wrong(self):
        for values in ({"rating": 6}, {"rating": "x"}, {"text": " "}, {"text": "x" * 2001}):
            self.assertContains(self.write(**values), 'role="alert"', status_code=422)
        self.assertFalse(Review.objects.exists())

    def test_a_note_is_shown_and_never_run(self):
        self.write(text="<script>alert(1)</script>\nline two")
        self.assertContains(self.client.get("/books/emma/"), "&lt;script&gt;alert(1)&lt;/script&gt;<br>line two")

    def test_who_is_not_logged_in_is_asked_to(self):
        self.client.logout()
        self.assertRedirects(self.write(), "/accounts/login/?next=/books/emma/notes/")
        self.assertContains(self.client.get("/books/emma/"), "to write a note")

    def test_notes_are_written_by_forms_only(self):
        self.assertEqual(self.client.get("/books/emma/notes/").status_code, 405)
        self.assertEqual(self.client.post("/books/nothing/notes/", {"rating": 4, "text": "x"}).status_code, 404)
