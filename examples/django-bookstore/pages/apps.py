from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self):
        from pages import home

        for model in ("books.Book", "books.Review"):
            for changed in (post_save, post_delete):
                changed.connect(home.forget, sender=model)
