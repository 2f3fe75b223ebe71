import os
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from config import environment, media


def variables(**values):
    return mock.patch.dict(os.environ, values, clear=True)


class EnvironmentTests(SimpleTestCase):
    def test_a_postgres_url_is_taken_apart_and_decoded(self):
        with variables(DATABASE_URL="postgres://ann:p%40ss%2F1@db.example:5433/shop%20one?sslmode=require"):
            settings = environment.database("DATABASE_URL")
        self.assertEqual(settings["ENGINE"], "django.db.backends.postgresql")
        self.assertEqual(settings["NAME"], "shop one")
        self.assertEqual(settings["USER"], "ann")
        self.assertEqual(settings["PASSWORD"], "p@ss/1")
        self.assertEqual(settings["HOST"], "db.example")
        self.assertEqual(settings["PORT"], 5433)
        self.assertEqual(settings["OPTIONS"], {"sslmode": "require"})

    def test_a_sqlite_url_names_a_file_or_memory(self):
        with variables(A="sqlite://:memory:", B="sqlite:///shop.sqlite3", C="sqlite:////tmp/shop.sqlite3"):
            names = [environment.database(name)["NAME"] for name in "ABC"]
        self.assertEqual(names, [":memory:", "shop.sqlite3", "/tmp/shop.sqlite3"])

    def test_a_database_of_another_kind_is_refused_without_showing_its_url(self):
        with variables(DATABASE_URL="mysql://ann:secret@db/shop"):
            with self.assertRaisesMessage(ImproperlyConfigured, "DATABASE_URL: expected") as caught:
                environment.database("DATABASE_URL")
        self.assertNotIn("secret", str(caught.exception))

    def test_a_missing_or_empty_required_variable_is_named(self):
        for values in ({}, {"DJANGO_SECRET_KEY": ""}):
            with variables(**values), self.assertRaisesMessage(ImproperlyConfigured, "DJANGO_SECRET_KEY"):
                environment.text("DJANGO_SECRET_KEY")

    def test_flags_are_words_for_on_and_off_and_nothing_else(self):
        with variables(A="True", B="off", C="0", D="", E="perhaps"):
            self.assertEqual([environment.flag(name, True) for name in "ABCDF"], [True, False, False, False, True])
            with self.assertRaisesMessage(ImproperlyConfigured, "expected on or off, got 'perhaps'"):
                environment.flag("E", True)

    def test_numbers_are_whole(self):
        with variables(A="60", B="1h"):
            self.assertEqual([environment.number(name, 5) for name in "AC"], [60, 5])
            with self.assertRaisesMessage(ImproperlyConfigured, "expected a whole number"):
                environment.number("B", 5)

    def test_hosts_are_split_at_commas(self):
        with variables(DJANGO_ALLOWED_HOSTS=".example.com, localhost,"):
            self.assertEqual(environment.words("DJANGO_ALLOWED_HOSTS", ""), [".example.com", "localhost"])


class MediaTests(SimpleTestCase):
    bucket = {"AWS_STORAGE_BUCKET_NAME": "covers", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

    def test_without_a_bucket_covers_live_in_a_folder(self):
        with variables():
            self.assertEqual(media.backend(), media.folder_backend)
            self.assertEqual(media.origins(media.bucket_settings()), [])

    def test_a_bucket_without_its_package_says_what_to_install(self):
        with variables(**self.bucket), mock.patch("config.media.find_spec", return_value=None):
            with self.assertRaisesMessage(ImproperlyConfigured, "Add django-storages[s3] to requirements.txt"):
                media.backend()

    def test_a_bucket_with_its_package_is_used(self):
        with variables(**self.bucket), mock.patch("config.media.find_spec", return_value=object()):
            self.assertEqual(media.backend(), media.bucket_backend)

    def test_pages_may_load_covers_from_where_they_are(self):
        places = [
            ({}, ["https://covers.s3.amazonaws.com"]),
            ({"AWS_S3_CUSTOM_DOMAIN": "cdn.example.com"}, ["https://cdn.example.com"]),
            ({"AWS_S3_ENDPOINT_URL": "http://localhost:9000"}, ["http://localhost:9000"]),
        ]
        for extra, expected in places:
            with variables(**self.bucket, **extra):
                self.assertEqual(media.origins(media.bucket_settings()), expected)
