"""Addresses of limits."""

from django.urls import path

from booking.views import policies, readable_policies

urlpatterns = [
    path("manage/policies", policies.policy_list, name="policy_list"),
    path("manage/policies/new", policies.policy_new, name="policy_new"),
    path("manage/policies/<int:pk>/remove", policies.policy_remove, name="policy_remove"),
    path(
        "resources/<uuid:public_id>/policies", policies.resource_policies, name="resource_policies"
    ),
    path("rules", readable_policies.rules_of_lab, name="lab_rules"),
    path(
        "resources/<uuid:public_id>/rules",
        readable_policies.rules_of_resource,
        name="resource_rules",
    ),
]
