"""Addresses of the policy."""

from django.urls import path

from . import views

urlpatterns = [path("policy", views.why, name="policy")]
