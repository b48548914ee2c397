"""Addresses of signing in."""

from django.urls import path

from . import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("enrol/<str:token>", views.enrol, name="enrol"),
    path("sign-out", views.sign_out, name="sign-out"),
]
