"""Addresses of quotas."""

from django.urls import path

from booking.views import quotas

_QUOTA = "manage/quotas/<uuid:public_id>"

urlpatterns = [
    path("quotas", quotas.my_quotas_page, name="my_quotas"),
    path("manage/quotas", quotas.quota_list, name="quota_list"),
    path("manage/quotas/new", quotas.quota_new, name="quota_new"),
    path(_QUOTA, quotas.quota_detail, name="quota_detail"),
    path(f"{_QUOTA}/edit", quotas.quota_edit, name="quota_edit"),
    path(f"{_QUOTA}/adjust", quotas.quota_adjust, name="quota_adjust"),
    path(f"{_QUOTA}/end", quotas.quota_end, name="quota_end"),
    path(f"{_QUOTA}/resume", quotas.quota_resume, name="quota_resume"),
    path(f"{_QUOTA}/accounts/<int:pk>", quotas.quota_account, name="quota_account"),
]
