from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from books.covers import serve_cover

urlpatterns = [
    path("", include("pages.urls")),
    path("books/", include("books.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

if settings.MEDIA_IS_SERVED_HERE:
    urlpatterns.append(path("media/covers/<str:name>", serve_cover))

admin.site.site_header = "Marginalia"
admin.site.site_title = "Marginalia"
admin.site.index_title = "Behind the counter"
