"""Addresses of the own page and of the appeals desk."""

from django.urls import path

from . import desk, views

urlpatterns = [
    path("me", views.page, name="own-page"),
    path("me/export", views.export, name="own-page-export"),
    path("me/correct/<slug:field>", views.correct, name="own-page-correct"),
    path("me/ask/<slug:kind>", views.ask, name="own-page-ask"),
    path("me/petition/<slug:name>/<slug:step>", views.petition, name="own-page-petition"),
    path("me/release/<slug:name>", views.release, name="own-page-release"),
    path("me/document/<slug:receipt>/back", views.ask_back, name="own-page-document"),
    path("appeals", desk.waiting, name="appeals"),
    path("appeals/<slug:name>", desk.one, name="appeals-petition"),
    path("appeals/<slug:name>/erase", desk.erase, name="appeals-erase"),
]
