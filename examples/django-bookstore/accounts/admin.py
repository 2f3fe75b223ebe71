from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.forms import SignUpForm
from accounts.models import Reader


@admin.register(Reader)
class ReaderAdmin(UserAdmin):
    add_form = SignUpForm
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "joined"]
    search_fields = ["email", "name"]
    readonly_fields = ["joined", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
