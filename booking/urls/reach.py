"""Addresses of where people are reached: their number, and what comes back."""

from django.urls import path

from booking.views import bounces, declining, phones

urlpatterns = [
    path("notices/phone", phones.phone, name="phone"),
    path("notices/phone/verify", phones.phone_verify, name="phone_verify"),
    path("notices/phone/remove", phones.phone_remove, name="phone_remove"),
    path("notices/decline/<str:token>", declining.mails_decline, name="mails_decline"),
    path("notices/address/try", bounces.own_address_try, name="own_address_try"),
    path("manage/addresses", bounces.address_list, name="address_list"),
    path("manage/addresses/<int:pk>/try", bounces.address_try, name="address_try"),
    path("notices/texts/status", phones.sms_status, name="sms_status"),
]
