"""Tells browsers that our pages load nothing from elsewhere and run no inline script or style."""

from django.conf import settings


class ContentSecurityPolicy:
    def __init__(self, get_response):
        self.get_response = get_response
        images = " ".join(["'self'", "data:", *settings.CONTENT_SECURITY_POLICY_IMAGES])
        self.policy = "; ".join(
            [
                "default-src 'self'",
                f"img-src {images}",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )

    def __call__(self, request):
        response = self.get_response(request)
        if not settings.DEBUG:
            response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
