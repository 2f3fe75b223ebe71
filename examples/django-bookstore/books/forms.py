from django import forms

from books.models import Review

ratings = [(5, "5: unforgettable"), (4, "4: very good"), (3, "3: good"), (2, "2: so-so"), (1, "1: not for me")]


class ReviewForm(forms.ModelForm):
    rating = forms.TypedChoiceField(choices=ratings, coerce=int, initial=4)

    class Meta:
        model = Review
        fields = ("rating", "text")
        labels = {"text": "Your note"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
