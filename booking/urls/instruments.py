"""The short address on the sticker."""

from django.urls import path

from booking.views import instruments

urlpatterns = [path("i/<slug:code>", instruments.instrument, name="instrument")]
