"""Addresses of the customs desk."""

from django.urls import path

from . import views

urlpatterns = [
    path("customs", views.queue, name="customs"),
    path("customs/alert/<str:decl_id>", views.alert, name="customs-alert"),
    path("customs/alert/<str:decl_id>/case", views.open_case, name="customs-case"),
    path("customs/network", views.network, name="customs-network"),
    path("customs/map", views.goods_map, name="customs-map"),
    path("customs/mirror", views.mirror, name="customs-mirror"),
    path("customs/statistics", views.statistics, name="customs-statistics"),
]
