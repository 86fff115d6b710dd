"""Addresses of policies as text, and of trials of others."""

from django.urls import path

from booking.views import policy_sets, policy_trials

urlpatterns = [
    path("manage/policy-sets", policy_sets.policy_set_list, name="policy_sets"),
    path("manage/policy-sets/export", policy_sets.policy_set_export, name="policy_set_export"),
    path("manage/policy-sets/preview", policy_sets.policy_set_preview, name="policy_set_preview"),
    path("manage/policy-sets/apply", policy_sets.policy_set_apply, name="policy_set_apply"),
    path("manage/policy-sets/<int:version>", policy_sets.policy_set_detail, name="policy_set"),
    path("manage/policy-trials", policy_trials.policy_trial_list, name="policy_trials"),
    path("manage/policy-trials/new", policy_trials.policy_trial_new, name="policy_trial_new"),
    path(
        "manage/policy-trials/<uuid:public_id>",
        policy_trials.policy_trial_detail,
        name="policy_trial",
    ),
    path(
        "manage/policy-trials/<uuid:public_id>/stop",
        policy_trials.policy_trial_stop,
        name="policy_trial_stop",
    ),
]
