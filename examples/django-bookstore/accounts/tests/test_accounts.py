from django.core.management import call_command
from django.test import Client, TestCase

from accounts.models import Reader

password = "a-long-and-unusual-one"


class SignUpTests(TestCase):
    def sign_up(self, **values):
        form = {"email": "ann@example.com", "name": "", "password1": password, "password2": password}
        return self.client.post("/accounts/signup/", {**form, **values})

    def test_whoever_signs_up_is_logged_in(self):
        self.assertRedirects(self.sign_up(email="Ann@Example.com"), "/")
        self.assertEqual(Reader.objects.get().email, "ann@example.com")
        self.assertContains(self.client.get("/"), "Log Out")

    def test_an_address_has_one_account_in_whatever_case(self):
        Reader.objects.create_user("ann@example.com", password)
        self.assertContains(self.sign_up(email="ANN@example.com"), "This address has an account already.")

    def test_a_weak_password_is_refused(self):
        page = self.sign_up(password1="12345678", password2="12345678")
        self.assertContains(page, "too common")
        self.assertFalse(Reader.objects.exists())

    def test_who_is_logged_in_needs_no_second_account(self):
        self.sign_up()
        self.assertRedirects(self.client.get("/accounts/signup/"), "/")


class LogInTests(TestCase):
    def setUp(self):
        self.reader = Reader.objects.create_user("ann@example.com", password)

    def log_in(self, **values):
        return self.client.post("/accounts/login/", {"username": "ann@example.com", "password": password, **values})

    def test_one_logs_in_by_e_mail_in_whatever_case(self):
        self.assertRedirects(self.log_in(username="ANN@example.com"), "/")

    def test_one_comes_back_to_where_one_was(self):
        self.assertRedirects(self.log_in(next="/books/emma/"), "/books/emma/")

    def test_nobody_is_sent_to_another_site(self):
        self.assertRedirects(self.log_in(next="https://evil.example/"), "/")

    def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(self):
        answer = "No account has this e-mail and password."
        self.assertContains(self.log_in(password="wrong"), answer)
        self.assertContains(self.log_in(username="bob@example.com"), answer)

    def test_logging_out_takes_a_form_and_not_a_link(self):
        self.client.force_login(self.reader)
        self.assertEqual(self.client.get("/accounts/logout/").status_code, 405)
        self.assertContains(self.client.get("/"), "Log Out")
        self.assertRedirects(self.client.post("/accounts/logout/"), "/")
        self.assertContains(self.client.get("/"), "Log In")

    def test_a_form_from_elsewhere_is_refused_in_the_shops_own_words(self):
        response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "a", "password": "b"})
        self.assertContains(response, "Please try that again", status_code=403)


class StaffTests(TestCase):
    def test_createsuperuser_asks_for_an_e_mail_address_only(self):
        with self.settings(AUTH_PASSWORD_VALIDATORS=[]):
            call_command("createsuperuser", interactive=False, email="Boss@example.com", verbosity=0)
        boss = Reader.objects.get(email="boss@example.com")
        self.assertTrue(boss.is_staff and boss.is_superuser)

    def test_the_admin_makes_and_changes_readers(self):
        self.client.force_login(Reader.objects.create_superuser("boss@example.com", password))
        form = {"email": "new@example.com", "name": "New", "password1": password, "password2": password}
        made = self.client.post("/admin/accounts/reader/add/", form)
        reader = Reader.objects.get(email="new@example.com")
        self.assertRedirects(made, f"/admin/accounts/reader/{reader.pk}/change/")
        self.assertContains(self.client.get("/admin/accounts/reader/"), "new@example.com")

    def test_the_admin_is_closed_to_other_readers(self):
        self.client.force_login(Reader.objects.create_user("ann@example.com", password))
        self.assertEqual(self.client.get("/admin/").status_code, 302)
