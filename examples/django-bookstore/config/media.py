"""Where uploaded covers live: a folder of this machine, or an S3 bucket when one is named.

A dyno's disk is empty again after each restart; a bucket is not.
"""

from config import environment

folder_backend = "django.core.files.storage.FileSystemStorage"
bucket_backend = "config.bucket.CoversBucket"


def backend():
    return bucket_backend if environment.text("AWS_STORAGE_BUCKET_NAME", "") else folder_backend


def bucket_settings():
    """What django-storages reads from Django's settings; empty without a bucket."""
    bucket = environment.text("AWS_STORAGE_BUCKET_NAME", "")
    if not bucket:
        return {}
    domain = environment.text("AWS_S3_CUSTOM_DOMAIN", "")
    endpoint = environment.text("AWS_S3_ENDPOINT_URL", "")
    region = environment.text("AWS_S3_REGION_NAME", "") or environment.text("AWS_REGION", "")
    return {
        "AWS_STORAGE_BUCKET_NAME": bucket,
        "AWS_ACCESS_KEY_ID": environment.text("AWS_ACCESS_KEY_ID"),
        "AWS_SECRET_ACCESS_KEY": environment.text("AWS_SECRET_ACCESS_KEY"),
        "AWS_S3_REGION_NAME": region or None,
        "AWS_S3_ENDPOINT_URL": endpoint or None,
        # A store of one's own has one name for all buckets.
        "AWS_S3_ADDRESSING_STYLE": "path" if endpoint else None,
        "AWS_S3_CUSTOM_DOMAIN": domain or None,
        # A CDN serves what is public; without one, links to the bucket are signed.
        "AWS_QUERYSTRING_AUTH": not domain,
        "AWS_DEFAULT_ACL": environment.text("AWS_DEFAULT_ACL", "") or None,
        "AWS_S3_OBJECT_PARAMETERS": {"CacheControl": "public, max-age=31536000, immutable"},
        "AWS_S3_FILE_OVERWRITE": False,
    }


def served_by_shop(settings):
    """Whether browsers get covers from the shop, as from a folder and from a store that may be for dynos only."""
    return not settings or bool(settings["AWS_S3_ENDPOINT_URL"] and not settings["AWS_S3_CUSTOM_DOMAIN"])


def origins(settings):
    """Origins that the browser may load covers from, besides our own."""
    if served_by_shop(settings):
        return []
    if settings["AWS_S3_CUSTOM_DOMAIN"]:
        return [f"https://{settings['AWS_S3_CUSTOM_DOMAIN']}"]
    bucket, region = settings["AWS_STORAGE_BUCKET_NAME"], settings["AWS_S3_REGION_NAME"]
    hosts = [f"{bucket}.s3.amazonaws.com", f"{bucket}.s3.{region}.amazonaws.com"]
    return [f"https://{host}" for host in (hosts if region else hosts[:1])]
