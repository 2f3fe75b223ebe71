from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.views import LogIn, SignUp

urlpatterns = [
    path("login/", LogIn.as_view(), name="login"),
    path("logout/", require_POST(LogoutView.as_view()), name="logout"),
    path("signup/", SignUp.as_view(), name="signup"),
]
