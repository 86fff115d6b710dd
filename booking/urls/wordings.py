"""Addresses of the words of messages."""

from django.urls import path

from booking.views import wordings

_KIND = "manage/wordings/<str:kind>"
urlpatterns = [
    path("manage/wordings", wordings.wording_list, name="wording_list"),
    path(_KIND, wordings.wording_edit, name="wording_edit"),
    path(f"{_KIND}/mail", wordings.wording_mail, name="wording_mail"),
    path(f"{_KIND}/versions", wordings.wording_versions, name="wording_versions"),
    path(f"{_KIND}/restore", wordings.wording_restore, name="wording_restore"),
    path(f"{_KIND}/reset", wordings.wording_reset, name="wording_reset"),
]
