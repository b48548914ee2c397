"""Addresses of the main job."""

from django.urls import path

from . import home, ledger

urlpatterns = [
    path("", home.home, name="home"),
    path("ledger", ledger.ledger, name="ledger"),
]
