from django.test import TestCase, override_settings


@override_settings(SECURE_SSL_REDIRECT=True)
class SecurityTests(TestCase):
    def test_plain_http_is_sent_to_https_on_the_same_host_and_port(self):
        response = self.client.get("/books/?page=2", HTTP_HOST="localhost:8080")
        self.assertRedirects(
            response, "https://localhost:8080/books/?page=2", status_code=301, fetch_redirect_response=False
        )

    def test_a_proxy_that_says_https_is_believed(self):
        response = self.client.get("/", HTTP_X_FORWARDED_PROTO="https")
        self.assertEqual(response.status_code, 200)

    def test_browsers_are_told_to_stay_with_https_and_to_load_nothing_from_elsewhere(self):
        response = self.client.get("/", secure=True)
        self.assertIn("max-age=2592000", response["Strict-Transport-Security"])
        self.assertIn("default-src 'self'", response["Content-Security-Policy"])
        self.assertEqual(response["X-Frame-Options"], "DENY")
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")

    def test_cookies_are_for_https_only(self):
        response = self.client.get("/accounts/login/", secure=True)
        self.assertTrue(response.cookies["csrftoken"]["secure"])

    def test_a_foreign_host_name_is_refused(self):
        self.assertEqual(self.client.get("/", HTTP_HOST="evil.example").status_code, 400)
