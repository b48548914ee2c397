"""Addresses of long work."""

from django.urls import path

from . import views

urlpatterns = [path("jobs/<int:pk>/events", views.events, name="job-events")]
