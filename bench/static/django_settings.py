"""A Django project that has nothing but static files, stored as WhiteNoise's documentation advises."""

import os

SECRET_KEY = "for a comparison"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "/static/"
STATIC_ROOT = os.environ["STATIC_ROOT"]
STATICFILES_DIRS = [os.environ["STATIC_SOURCE"]]
STATICFILES_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {"staticfiles": {"BACKEND": STATICFILES_STORAGE}}
USE_TZ = True
