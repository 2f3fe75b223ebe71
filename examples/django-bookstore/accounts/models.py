from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from accounts.managers import ReaderManager


class Reader(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account; logs in by e-mail."""

    email = models.EmailField("e-mail", unique=True, error_messages={"unique": "This address has an account already."})
    name = models.CharField(max_length=60, blank=True, help_text="Shown beside your notes. You may leave it empty.")
    is_staff = models.BooleanField("staff", default=False, help_text="May use the admin.")
    is_active = models.BooleanField("active", default=True, help_text="Off: may not log in.")
    joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = ReaderManager()

    def __str__(self):
        return self.email

    def clean(self):
        super().clean()
        self.email = Reader.objects.normalize_email(self.email)

    @property
    def display_name(self):
        return self.name or "A reader"
