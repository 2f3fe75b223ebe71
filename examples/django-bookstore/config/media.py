"""Where uploaded covers live: a folder of this machine, or an S3 bucket when one is named.

A dyno's disk is empty again after each restart. The bucket needs django-storages[s3] in requirements.txt.
"""

from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from config import environment

folder_backend = "django.core.files.storage.FileSystemStorage"
bucket_backend = "storages.backends.s3boto3.S3Boto3Storage"


def backend():
    if not environment.text("AWS_STORAGE_BUCKET_NAME", ""):
        return folder_backend
    if find_spec("storages") is None:
        raise ImproperlyConfigured(
            "AWS_STORAGE_BUCKET_NAME is set, but django-storages is not installed. "
            "Add django-storages[s3] to requirements.txt."
        )
    return bucket_backend


def bucket_settings():
    """What django-storages reads from Django's settings; empty without a bucket."""
    bucket = environment.text("AWS_STORAGE_BUCKET_NAME", "")
    if not bucket:
        return {}
    domain = environment.text("AWS_S3_CUSTOM_DOMAIN", "")
    return {
        "AWS_STORAGE_BUCKET_NAME": bucket,
        "AWS_ACCESS_KEY_ID": environment.text("AWS_ACCESS_KEY_ID"),
        "AWS_SECRET_ACCESS_KEY": environment.text("AWS_SECRET_ACCESS_KEY"),
        "AWS_S3_REGION_NAME": environment.text("AWS_S3_REGION_NAME", "") or None,
        "AWS_S3_ENDPOINT_URL": environment.text("AWS_S3_ENDPOINT_URL", "") or None,
        "AWS_S3_CUSTOM_DOMAIN": domain or None,
        # A CDN serves what is public; without one, links to the bucket are signed.
        "AWS_QUERYSTRING_AUTH": not domain,
        "AWS_DEFAULT_ACL": None,
        "AWS_S3_FILE_OVERWRITE": False,
    }


def origins(settings):
    """Origins that the browser may load covers from, besides our own."""
    if not settings:
        return []
    if settings["AWS_S3_CUSTOM_DOMAIN"]:
        return [f"https://{settings['AWS_S3_CUSTOM_DOMAIN']}"]
    if settings["AWS_S3_ENDPOINT_URL"]:
        return [settings["AWS_S3_ENDPOINT_URL"]]
    bucket, region = settings["AWS_STORAGE_BUCKET_NAME"], settings["AWS_S3_REGION_NAME"]
    hosts = [f"{bucket}.s3.amazonaws.com", f"{bucket}.s3.{region}.amazonaws.com"]
    return [f"https://{host}" for host in (hosts if region else hosts[:1])]
