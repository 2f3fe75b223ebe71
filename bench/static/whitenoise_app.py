"""Files by WhiteNoise and nothing else, for Gunicorn."""

import os

from whitenoise import WhiteNoise


def absent(environ, start_response):
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


application = WhiteNoise(absent, root=os.environ["STATIC_ROOT"], max_age=60)
