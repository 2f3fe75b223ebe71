"""Does with boto3 or django-storages what lines of JSON ask for, and answers each with one."""

import json
import os
import sys

bucket = os.environ["AWS_STORAGE_BUCKET_NAME"]
endpoint = os.environ["AWS_S3_ENDPOINT_URL"]


class Boto3:
    def __init__(self):
        import boto3

        self.s3 = boto3.client("s3", endpoint_url=endpoint, region_name=os.environ["AWS_REGION"])

    def put(self, file, key):
        self.s3.upload_file(file, bucket, key)

    def get(self, key, file):
        self.s3.download_file(bucket, key, file)

    def copy(self, source, key):
        self.s3.copy({"Bucket": bucket, "Key": source}, bucket, key)

    def list(self, folder):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder + "/")
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def clear(self, folder):
        self.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in self.list(folder)]})


class DjangoStorages:
    """As an app that names it in STORAGES, or in DEFAULT_FILE_STORAGE before."""

    def __init__(self):
        from django.conf import settings

        settings.configure(AWS_S3_ENDPOINT_URL=endpoint, AWS_STORAGE_BUCKET_NAME=bucket, AWS_S3_FILE_OVERWRITE=True)
        from storages.backends.s3boto3 import S3Boto3Storage

        self.storage = S3Boto3Storage()

    def put(self, file, key):
        from django.core.files import File

        with open(file, "rb") as content:
            assert self.storage.save(key, File(content)) == key

    def get(self, key, file):
        with self.storage.open(key) as content:
            received = content.read()
        with open(file, "wb") as target:
            target.write(received)

    def copy(self, source, key):
        with self.storage.open(source) as content:
            self.storage.save(key, content)

    def list(self, folder):
        folders, files = self.storage.listdir(folder)
        found = {f"{folder}/{name}": self.storage.size(f"{folder}/{name}") for name in files}
        for name in folders:
            found.update(self.list(f"{folder}/{name}"))
        return found

    def clear(self, folder):
        for key in self.list(folder):
            self.storage.delete(key)
            assert not self.storage.exists(key)


client = {"boto3": Boto3, "django-storages": DjangoStorages}[sys.argv[1]]()
for line in sys.stdin:
    verb, *arguments = json.loads(line)
    try:
        said = {"answer": getattr(client, verb)(*arguments)}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)
