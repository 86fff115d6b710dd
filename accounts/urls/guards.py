"""The ways out for who has to wait at the login."""

from django.urls import path

from accounts.views import guards

urlpatterns = [
    path("unlock", guards.unlock, name="unlock"),
    path("unlock/sent", guards.unlock_sent, name="unlock_sent"),
    path("unlock/<str:token>", guards.unlock_use, name="unlock_use"),
    path("locks", guards.locks, name="locks"),
    path("locks/address", guards.address_unlock, name="address_unlock"),
]
