import tempfile
from base64 import b64decode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase, override_settings

from accounts.models import Reader
from books.covers import most_bytes
from books.models import Book

png = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


class CoverTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        settings = override_settings(MEDIA_ROOT=folder.name)
        settings.enable()
        self.addCleanup(settings.disable)
        self.client.force_login(Reader.objects.create_superuser("boss@example.com"))

    def upload(self, name, content):
        book = Book.objects.get(slug="emma")
        fields = ("title", "slug", "author", "year", "price", "blurb", "description")
        reviews = {f"reviews-{key}_FORMS": 0 for key in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
        form = {field: getattr(book, field) for field in fields}
        cover = {"cover": SimpleUploadedFile(name, content)}
        return self.client.post(f"/admin/books/book/{book.pk}/change/", {**form, **reviews, **cover})

    def test_a_cover_uploaded_through_the_admin_is_on_the_books_page(self):
        self.assertEqual(self.upload("My Scan.PNG", png).status_code, 302)
        cover = Book.objects.get(slug="emma").cover
        self.assertRegex(cover.name, r"^covers/emma-[0-9a-f]{8}\.png$")
        self.assertContains(self.client.get("/books/emma/"), cover.url)
        served = self.client.get(cover.url)
        self.assertEqual(served.content, png)
        self.assertEqual(served["Content-Type"], "image/png")
        self.assertEqual(served["Cache-Control"], "public, max-age=31536000, immutable")

    def test_nothing_outside_the_folder_of_covers_is_served(self):
        for path in ("../config/settings.py", "%2e%2e/manage.py", "/etc/passwd", "covers/..", "covers/.png", "covers/gone.png", "covers/emma.html"):
            self.assertIn(self.client.get(f"/media/{path}").status_code, (400, 404))

    def test_without_a_cover_a_binding_is_drawn(self):
        page = self.client.get("/books/emma/")
        self.assertContains(page, 'class="cover cloth-')
        self.assertNotContains(page, "<img")

    def test_a_cover_that_a_restart_took_gives_way_to_a_drawn_binding(self):
        Book.objects.filter(slug="emma").update(cover="covers/gone.png")
        self.assertNotContains(self.client.get("/books/emma/"), "<img")

    def test_what_is_no_image_is_refused(self):
        script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        for name, content in [("a.svg", script), ("a.png", script), ("a.html", png), ("a.jpg", png)]:
            self.assertContains(self.upload(name, content), "Expected a PNG, JPEG or WebP image")
        self.assertFalse(Book.objects.exclude(cover="").exists())

    def test_an_image_of_more_than_two_megabytes_is_refused(self):
        self.assertContains(self.upload("a.png", png.ljust(most_bytes + 1)), "at most 2 MB")
