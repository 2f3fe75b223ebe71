import re
import tempfile
from pathlib import Path

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client, TestCase, override_settings

from config.settings import STATIC_BACKEND
from config.test_runner import static_storage


class StaticFilesTests(TestCase):
    def test_pages_link_to_hashed_files_that_whitenoise_serves_compressed_and_for_ever(self):
        with tempfile.TemporaryDirectory() as folder:
            collected = {"STATIC_ROOT": folder, "WHITENOISE_AUTOREFRESH": False, **static_storage(STATIC_BACKEND)}
            with override_settings(**collected):
                call_command("collectstatic", interactive=False, verbosity=0)
                address = staticfiles_storage.url("css/site.css")
                self.assertRegex(address, r"^/static/css/site\.[0-9a-f]{12}\.css$")
                self.assertTrue((Path(folder) / f"css/{Path(address).name}.gz").exists())

                # A client makes its middleware anew, so WhiteNoise sees the folder.
                client = Client(HTTP_ACCEPT_ENCODING="gzip")
                self.assertIn(address, client.get("/").content.decode())
                response = client.get(address)
                response.close()
        self.assertEqual(response["Content-Encoding"], "gzip")
        self.assertEqual(response["Cache-Control"], "max-age=315360000, public, immutable")

    def test_the_style_sheet_loads_nothing_from_elsewhere(self):
        sheet = (Path(__file__).parents[2] / "static/css/site.css").read_text()
        self.assertIsNone(re.search(r"url\(|@import", sheet))

    def test_the_application_that_gunicorn_loads_is_there(self):
        self.assertTrue(callable(get_wsgi_application()))
