"""Addresses of roster screening."""

from django.urls import path

from . import review, screening

urlpatterns = [
    path("rosters", screening.desk_page, name="rosters"),
    path("rosters/new", screening.begin, name="rosters-new"),
    path("rosters/run/<int:pk>", screening.run, name="rosters-run"),
    path("rosters/candidate/<slug:name>", review.candidate, name="rosters-candidate"),
    path("rosters/candidate/<slug:name>/review", review.say, name="rosters-review"),
    path("rosters/candidate/<slug:name>/decide/<slug:step>", review.decide, name="rosters-decide"),
]
