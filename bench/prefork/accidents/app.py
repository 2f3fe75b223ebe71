"""The same app as app.ts, for Gunicorn."""
import os
import time

if os.path.exists(os.environ["FLAG"]):
    raise RuntimeError("this worker fails at its start")
time.sleep(int(os.environ["BOOT_MS"]) / 1000)


def app(environ, start_response):
    path = environ["PATH_INFO"]
    while path == "/spin":
        pass
    if path == "/slow":
        time.sleep(3)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
