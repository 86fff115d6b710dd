"""Addresses of prices."""

from django.urls import path

from booking.views import prices

urlpatterns = [
    path("manage/prices", prices.price_list, name="price_list"),
    path("manage/prices/new", prices.price_new, name="price_new"),
    path("manage/prices/export", prices.price_export, name="price_export"),
    path("manage/prices/<uuid:public_id>", prices.price_edit, name="price_edit"),
    path("manage/prices/<uuid:public_id>/remove", prices.price_remove, name="price_remove"),
]
