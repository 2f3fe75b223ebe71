import os
import socket
import threading
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase
from django.utils.module_loading import import_string

from config import environment, media, memcache


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

    def test_a_bucket_that_is_named_is_used(self):
        with variables(**self.bucket):
            self.assertTrue(callable(import_string(media.backend())))

    def test_a_bucket_without_its_keys_names_the_one_that_is_missing(self):
        with variables(AWS_STORAGE_BUCKET_NAME="covers"):
            with self.assertRaisesMessage(ImproperlyConfigured, "AWS_ACCESS_KEY_ID"):
                media.bucket_settings()

    def test_pages_may_load_covers_from_where_they_are(self):
        places = [
            ({}, ["https://covers.s3.amazonaws.com"]),
            ({"AWS_S3_CUSTOM_DOMAIN": "cdn.example.com"}, ["https://cdn.example.com"]),
            ({"AWS_S3_ENDPOINT_URL": "http://localhost:9000"}, []),
        ]
        for extra, expected in places:
            with variables(**self.bucket, **extra):
                self.assertEqual(media.origins(media.bucket_settings()), expected)


class CacheTests(SimpleTestCase):
    login = {"MEMCACHIER_USERNAME": "ann", "MEMCACHIER_PASSWORD": "p"}

    def cache(self):
        settings = memcache.caches()["default"]
        return import_string(settings["BACKEND"])(settings.get("LOCATION", ""), {**settings})

    def test_without_servers_nothing_is_kept(self):
        with variables(**self.login):
            cache = self.cache()
        cache.set("a", 1)
        self.assertIsNone(cache.get("a"))

    def test_a_server_that_does_not_answer_keeps_nothing_and_fails_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            server = f"127.0.0.1:{closed.getsockname()[1]}"
        with variables(MEMCACHIER_SERVERS=server, **self.login):
            cache = self.cache()
        cache.set("a", 1)
        cache.delete("a")
        self.assertIsNone(cache.get("a"))

    def test_a_name_without_a_password_is_refused(self):
        with variables(MEMCACHIER_SERVERS="127.0.0.1:11211", MEMCACHIER_USERNAME="ann"):
            with self.assertRaisesMessage(ImproperlyConfigured, "Set both"):
                memcache.caches()

    def test_each_connection_logs_in_before_its_first_command(self):
        heard = []
        with socket.create_server(("127.0.0.1", 0)) as server:

            def serve():
                connection, _ = server.accept()
                with connection, connection.makefile("rwb", buffering=0) as lines:
                    heard.extend([lines.readline(), lines.readline()])
                    lines.write(b"STORED\r\n")
                    heard.append(lines.readline())
                    lines.write(b"END\r\n")

            thread = threading.Thread(target=serve)
            thread.start()
            with variables(MEMCACHIER_SERVERS=f"127.0.0.1:{server.getsockname()[1]}", **self.login):
                self.assertIsNone(self.cache().get("a"))
            thread.join()
        self.assertRegex(heard[0], rb"^set \S+ \d+ 0 5\b")
        self.assertEqual(heard[1], b"ann p\r\n")
        self.assertRegex(heard[2], rb"^get \S*a\r\n$")
