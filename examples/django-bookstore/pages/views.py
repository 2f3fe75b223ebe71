from django.views.generic import TemplateView

from pages import home


class Home(TemplateView):
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**home.shown(), **kwargs)


class About(TemplateView):
    template_name = "pages/about.html"
