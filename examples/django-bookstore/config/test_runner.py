"""Tests neither need collectstatic before them nor talk https, hash passwords fast and print no request log."""

import logging

import django
from django.conf import settings
from django.test.runner import DiscoverRunner
from django.test.utils import override_settings

plain_static = "django.contrib.staticfiles.storage.StaticFilesStorage"


def static_storage(backend):
    """Settings, by the name that this version of Django gives them."""
    if django.VERSION >= (4, 2):
        return {"STORAGES": {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}}
    return {"STATICFILES_STORAGE": backend}


class ShopTestRunner(DiscoverRunner):
    def setup_test_environment(self, **kwargs):
        super().setup_test_environment(**kwargs)
        self.overridden = override_settings(
            SECURE_SSL_REDIRECT=False,
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            WHITENOISE_AUTOREFRESH=True,
            **static_storage(plain_static),
        )
        self.overridden.enable()
        logging.disable(logging.CRITICAL)

    def teardown_test_environment(self, **kwargs):
        logging.disable(logging.NOTSET)
        self.overridden.disable()
        super().teardown_test_environment(**kwargs)
