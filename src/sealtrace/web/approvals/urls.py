"""Addresses of approvals; they belong to the policy's place in the rail."""

from django.urls import path

from . import views

urlpatterns = [
    path("approvals", views.listed, name="policy-approvals"),
    path("approvals/ask", views.ask, name="policy-ask"),
    path("approvals/<str:key>", views.show, name="policy-approval"),
    path("approvals/<str:key>/approve", views.approve, name="policy-approve"),
    path("approvals/<str:key>/refuse", views.refuse, name="policy-refuse"),
    path("approvals/<str:key>/withdraw", views.withdraw, name="policy-withdraw"),
]
