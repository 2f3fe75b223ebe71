"""What an app does with boto3: every call must do what it says, or this ends with a traceback."""

import hashlib
import io
import os
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

bucket = os.environ["BUCKETEER_BUCKET_NAME"]
endpoint = os.environ["AWS_S3_ENDPOINT_URL"]


def client(**config):
    return boto3.client("s3", endpoint_url=endpoint, config=Config(**config))


def fetched(url, **request):
    with urllib.request.urlopen(urllib.request.Request(url, **request)) as answer:
        return answer.read()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"expected {code}")


s3 = client()
key = "boto/ünï code+%.txt"
s3.put_object(Bucket=bucket, Key=key, Body=b"hello", ContentType="text/plain", Metadata={"by": "boto"}, Tagging="a=1&b=2")
got = s3.get_object(Bucket=bucket, Key=key)
assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"by": "boto"})
assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=1-2")["Body"].read() == b"el"
assert len(s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]) == 2
refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="boto/none")
refused("404", s3.head_object, Bucket=bucket, Key="boto/none")

# Links of both versions of the signature, for reading and for writing.
for version in ("s3", "s3v4"):
    signer = client(signature_version=version)
    for region in ("us-east-1", "eu-west-1"):
        signer = boto3.client("s3", endpoint_url=endpoint, region_name=region, config=Config(signature_version=version))
        where = {"Bucket": bucket, "Key": key}
        assert fetched(signer.generate_presigned_url("get_object", where)) == b"hello", version
        named = {**where, "ResponseContentDisposition": 'attachment; filename="a b.txt"'}
        assert fetched(signer.generate_presigned_url("get_object", named)) == b"hello", version
        upload = signer.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "boto/uploaded"})
        fetched(upload, method="PUT", data=version.encode(), headers={"Content-Type": ""})
        assert s3.get_object(Bucket=bucket, Key="boto/uploaded")["Body"].read() == version.encode()
    link = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    try:
        fetched(link.replace("code", "c0de"))
    except urllib.error.HTTPError as error:
        assert error.code == 403, error.code
    else:
        raise AssertionError("a link was good for another object")

# Eight megabytes at a time, several at once.
film = os.urandom(20 * 1024 * 1024 + 7)
s3.upload_fileobj(io.BytesIO(film), bucket, "boto/film", Config=TransferConfig(multipart_chunksize=8 * 1024 * 1024))
copy = io.BytesIO()
s3.download_fileobj(bucket, "boto/film", copy)
assert hashlib.sha256(copy.getvalue()).digest() == hashlib.sha256(film).digest()
s3.copy({"Bucket": bucket, "Key": "boto/film"}, bucket, "boto/copy", Config=TransferConfig(multipart_threshold=1))
assert s3.head_object(Bucket=bucket, Key="boto/copy")["ContentLength"] == len(film)

# A form as a browser sends it.
post = s3.generate_presigned_post(bucket, "boto/form/${filename}", Fields={"acl": "private", "Content-Type": "text/plain"},
    Conditions=[{"acl": "private"}, {"Content-Type": "text/plain"}, ["content-length-range", 1, 100]])
edge = "edge-of-the-form"
fields = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in post["fields"].items())


def form(data):
    file = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/x\r\n\r\n'
    return {"method": "POST", "data": (fields + file + data + f"\r\n--{edge}--\r\n").encode(),
        "headers": {"Content-Type": f"multipart/form-data; boundary={edge}"}}


fetched(post["url"], **form("from a form"))
assert s3.get_object(Bucket=bucket, Key="boto/form/note.txt")["Body"].read() == b"from a form"
try:
    fetched(post["url"], **form("x" * 101))
except urllib.error.HTTPError as error:
    assert error.code == 400 and b"EntityTooLarge" in error.read()
else:
    raise AssertionError("a form was too large and was taken")

for number in range(30):
    s3.put_object(Bucket=bucket, Key=f"boto/many/{number:02}", Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="boto/many/", PaginationConfig={"PageSize": 7})
found = [entry["Key"] for page in pages for entry in page["Contents"]]
assert found == [f"boto/many/{number:02}" for number in range(30)]
boto3.resource("s3", endpoint_url=endpoint).Bucket(bucket).objects.filter(Prefix="boto/").delete()
assert s3.list_objects(Bucket=bucket, Prefix="boto/").get("Contents", []) == []
print("boto3: ok")
