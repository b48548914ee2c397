"""Addresses of the audit trail."""

from django.urls import path

from . import views

urlpatterns = [
    path("audit", views.audit, name="audit"),
    path("audit/ledger", views.events, name="audit-events"),
    path("audit.csv", views.export, name="audit-export"),
]
