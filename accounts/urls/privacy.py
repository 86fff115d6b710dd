"""One's own data, and the requests of others."""

from django.urls import path

from accounts.views import privacy, privacy_requests

urlpatterns = [
    path("privacy", privacy.privacy, name="privacy"),
    path("privacy/copy", privacy.copy, name="privacy_copy"),
    path("privacy/erasure", privacy.erasure_ask, name="erasure_ask"),
    path("privacy/erasure/withdraw", privacy.erasure_withdraw, name="erasure_withdraw"),
    path("privacy/contact/withdraw", privacy.contact_withdraw, name="contact_withdraw"),
    path("privacy/retention", privacy_requests.retention, name="retention"),
    path("privacy/requests", privacy_requests.requests, name="privacy_requests"),
    path("privacy/requests/<uuid:public_id>/erase", privacy_requests.erase, name="erasure_do"),
    path(
        "privacy/requests/<uuid:public_id>/refuse", privacy_requests.refuse, name="erasure_refuse"
    ),
]
