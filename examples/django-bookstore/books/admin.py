from django.contrib import admin

from books.models import Book, Review


class ReviewInline(admin.TabularInline):
    model = Review
    extra = 0
    raw_id_fields = ["reader"]


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "year", "price", "has_cover"]
    search_fields = ["title", "author"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ReviewInline]

    @admin.display(boolean=True, description="cover")
    def has_cover(self, book):
        return bool(book.cover)
