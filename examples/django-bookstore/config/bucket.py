"""The bucket for covers; imported where one is named."""

from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3boto3 import S3Boto3Storage


class CoversBucket(S3Boto3Storage):
    def url(self, name, *args, **kwargs):
        if settings.MEDIA_IS_SERVED_HERE:
            return settings.MEDIA_URL + filepath_to_uri(name)
        return super().url(name, *args, **kwargs)
