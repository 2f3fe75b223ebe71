from django.urls import path

from books.views import BookDetail, BookList, Search, write_review

urlpatterns = [
    path("", BookList.as_view(), name="book_list"),
    path("search/", Search.as_view(), name="search"),
    path("<slug:slug>/", BookDetail.as_view(), name="book_detail"),
    path("<slug:slug>/notes/", write_review, name="write_review"),
]
