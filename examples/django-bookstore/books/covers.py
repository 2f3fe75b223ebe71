"""Cover images: what the admin may upload, and where it is kept."""

import re
import secrets
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse

most_bytes = 2 * 1024 * 1024
kinds = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


def kind_of(head):
    """File extension of an image by its first twelve bytes; None when it is no image that we show."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return None


def validate_cover(file):
    """Goes by the bytes: an extension proves nothing, and an SVG may hold scripts."""
    if file.size > most_bytes:
        raise ValidationError(f"Expected an image of at most 2 MB, got {file.size / 1024 / 1024:.1f} MB.")
    file.seek(0)
    kind = kind_of(file.read(12))
    file.seek(0)
    given = PurePosixPath(file.name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if kind is None or given != kind:
        raise ValidationError("Expected a PNG, JPEG or WebP image with the file extension that belongs to it.")


def cover_path(book, filename):
    """A name of its own for each upload, so that browsers may keep what they have."""
    suffix = PurePosixPath(filename).suffix.lower()
    return f"covers/{book.slug}-{secrets.token_hex(4)}{suffix}"


def serve_cover(request, name):
    """The uploaded cover of this file name, out of the folder or the bucket."""
    known = re.fullmatch(r"[\w-]+\.(\w+)", name)
    kind = kinds.get(known[1]) if known else None
    if kind is None:
        raise Http404
    try:
        with default_storage.open(f"covers/{name}") as file:
            response = HttpResponse(file.read(), content_type=kind)
    except FileNotFoundError:
        raise Http404 from None
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
