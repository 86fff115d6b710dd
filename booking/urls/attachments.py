"""Addresses of files that people handed in."""

from django.urls import path

from booking.views import attachments

urlpatterns = [path("files/<uuid:public_id>", attachments.attachment, name="attachment")]
