from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.static import serve


def media(request, path):
    """An uploaded file out of the folder; a bucket serves its files itself."""
    return serve(request, path, document_root=settings.MEDIA_ROOT)


urlpatterns = [
    path("", include("pages.urls")),
    path("books/", include("books.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

if not settings.BUCKET:
    urlpatterns.append(path("media/<path:path>", media))

admin.site.site_header = "Marginalia"
admin.site.site_title = "Marginalia"
admin.site.index_title = "Behind the counter"
