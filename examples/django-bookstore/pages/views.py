from django.views.generic import TemplateView

from books.models import Book, Review


class Home(TemplateView):
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            arrivals=Book.objects.with_ratings().order_by("-added", "-pk")[:6],
            latest_notes=Review.objects.select_related("book", "reader")[:3],
            **kwargs,
        )


class About(TemplateView):
    template_name = "pages/about.html"
