"""Addresses of the API: /api/openapi.json and /api/v1/..."""

from django.urls import URLPattern, include, path

from . import problems
from .contract import api, method_checked

patterns, application, namespace = api.urls
for pattern in patterns:
    assert isinstance(pattern, URLPattern)
    pattern.callback = method_checked(pattern.callback)
urlpatterns = [
    path("api/", include((patterns, application), namespace=namespace)),
    path("api/<path:rest>", method_checked(problems.not_found), name="api-nowhere"),
]
