from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Avg, Count, Q
from django.urls import reverse

from books.covers import cover_path, validate_cover


class BookQuerySet(models.QuerySet):
    def with_ratings(self):
        """Adds average_rating (None without notes) and note_count."""
        return self.annotate(average_rating=Avg("reviews__rating"), note_count=Count("reviews"))

    def matching(self, query):
        """Books with each of the words in title or author."""
        books = self
        for word in query.split():
            books = books.filter(Q(title__icontains=word) | Q(author__icontains=word))
        return books


class Book(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True, help_text="The last part of the book's address.")
    author = models.CharField(max_length=200)
    year = models.SmallIntegerField("first published")
    price = models.DecimalField(max_digits=6, decimal_places=2, validators=[MinValueValidator(0)])
    blurb = models.CharField(max_length=160, help_text="One line for the shelf.")
    description = models.TextField(blank=True)
    cover = models.FileField(
        upload_to=cover_path,
        blank=True,
        validators=[validate_cover],
        help_text="PNG, JPEG or WebP, 2 MB at most, two wide to three high. Without one, a cloth binding is drawn.",
    )
    added = models.DateTimeField(auto_now_add=True)

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("book_detail", args=[self.slug])

    @property
    def cover_url(self):
        """None without a cover, and when a restart has emptied the disk that it was on."""
        if not self.cover or not (settings.BUCKET or self.cover.storage.exists(self.cover.name)):
            return None
        return self.cover.url

    @property
    def binding(self):
        """CSS classes of the drawn cover: the same book always gets the same cloth."""
        return f"cloth-{self.pk % 6} stamp-{self.pk % 4}"


class Review(models.Model):
    """A reader's note on a book; each reader has one per book."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews")
    rating = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    text = models.TextField(max_length=2000)
    written = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-written"]
        constraints = [models.UniqueConstraint(fields=["book", "reader"], name="one_review_per_reader")]

    def __str__(self):
        return f"{self.reader} on {self.book}"
