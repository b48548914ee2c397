"""Addresses of devices."""

from django.urls import path

from . import views

urlpatterns = [path("device/proof", views.proof, name="device-proof")]
