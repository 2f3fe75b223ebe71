from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView

from books.forms import ReviewForm
from books.models import Book


def page_context(book, reader, form=None):
    own = book.reviews.filter(reader=reader).first() if reader.is_authenticated else None
    return {
        "book": book,
        "reviews": book.reviews.select_related("reader"),
        "own_review": own,
        "form": form or ReviewForm(instance=own),
    }


class BookList(ListView):
    queryset = Book.objects.with_ratings().order_by("title", "pk")
    paginate_by = 12
    template_name = "books/book_list.html"
    context_object_name = "books"


class Search(BookList):
    template_name = "books/search.html"

    @property
    def query(self):
        return self.request.GET.get("q", "").replace("\0", "").strip()[:100]

    def get_queryset(self):
        return super().get_queryset().matching(self.query) if self.query else Book.objects.none()

    def get_context_data(self, **kwargs):
        return super().get_context_data(query=self.query, **kwargs)


class BookDetail(DetailView):
    queryset = Book.objects.with_ratings()
    template_name = "books/book_detail.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**page_context(self.object, self.request.user), **kwargs)


@login_required
@require_POST
def write_review(request, slug):
    """Writes the reader's note on a book, or writes over it."""
    book = get_object_or_404(Book.objects.with_ratings(), slug=slug)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return render(request, "books/book_detail.html", page_context(book, request.user, form), status=422)
    book.reviews.update_or_create(reader=request.user, defaults=form.cleaned_data)
    return redirect(f"{book.get_absolute_url()}#notes")
