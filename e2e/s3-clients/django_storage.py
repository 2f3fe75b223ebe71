"""What Django does with uploads through django-storages, set up from the config vars of the add-on alone."""

import os
import urllib.request

from django.conf import settings
from django.core.files.base import ContentFile

names = ["AWS_STORAGE_BUCKET_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_S3_ENDPOINT_URL"]
settings.configure(AWS_S3_FILE_OVERWRITE=False, **{name: os.environ[name] for name in names})

from storages.backends.s3boto3 import S3Boto3Storage  # noqa: E402 - needs the settings

storage = S3Boto3Storage()
name = storage.save("covers/book.jpg", ContentFile(b"picture"))
assert storage.exists(name) and storage.size(name) == 7
assert storage.open(name).read() == b"picture"
assert storage.get_modified_time(name).tzinfo is None
other = storage.save("covers/book.jpg", ContentFile(b"another"))
assert other != name
assert storage.listdir("covers") == ([], sorted([name.split("/")[1], other.split("/")[1]])), storage.listdir("covers")
assert storage.listdir("")[0] == ["covers"], storage.listdir("")
assert urllib.request.urlopen(storage.url(name)).read() == b"picture"
with storage.open("covers/large.bin", "wb") as file:
    for _ in range(12):
        file.write(os.urandom(1024 * 1024))
assert storage.size("covers/large.bin") == 12 * 1024 * 1024
storage.delete(name)
assert not storage.exists(name)
for left in (other, "covers/large.bin"):
    storage.delete(left)
print("django-storages: ok")
