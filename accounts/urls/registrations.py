"""The ways to an account: registering and being invited."""

from django.urls import path

from accounts.views import invitations, registrations

urlpatterns = [
    path("register", registrations.register_new, name="register"),
    path("register/sent", registrations.register_sent, name="register_sent"),
    path("register/confirm/<str:token>", registrations.register_confirm, name="register_confirm"),
    path("registrations", registrations.registration_list, name="registration_list"),
    path(
        "registrations/<uuid:public_id>/approve",
        registrations.registration_approve,
        name="registration_approve",
    ),
    path(
        "registrations/<uuid:public_id>/decline",
        registrations.registration_decline,
        name="registration_decline",
    ),
    path("invitations", invitations.invitation_list, name="invitation_list"),
    path(
        "invitations/<uuid:public_id>/withdraw",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("invitations/accept/<str:token>", invitations.invitation_accept, name="invitation_accept"),
]
