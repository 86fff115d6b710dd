"""Addresses of what waits for a decision, of who decides, and of how it is decided."""

from django.urls import path

from booking.views import approval_policies, approvals, delegations

_POLICY = "manage/approval-policies/<uuid:public_id>"
_END = "approvals/delegations/<uuid:public_id>/end"

urlpatterns = [
    path("manage/approvals", approvals.approval_list, name="approval_list"),
    path("manage/approvals/decide", approvals.approvals_decide, name="approvals_decide"),
    path("manage/approvals/answers", approvals.approval_answers, name="approval_answers"),
    path("manage/approvals/statistics", approvals.approval_figures, name="approval_statistics"),
    path("bookings/<uuid:public_id>/approve", approvals.booking_approve, name="booking_approve"),
    path("bookings/<uuid:public_id>/reject", approvals.booking_reject, name="booking_reject"),
    path("approvals/delegations", delegations.delegation_list, name="delegation_list"),
    path(_END, delegations.delegation_end, name="delegation_end"),
    path(
        "manage/people/<uuid:public_id>/supervisor",
        delegations.person_supervisor,
        name="person_supervisor",
    ),
    path(
        "manage/approval-policies",
        approval_policies.approval_policy_list,
        name="approval_policy_list",
    ),
    path(
        "manage/approval-policies/new",
        approval_policies.approval_policy_new,
        name="approval_policy_new",
    ),
    path(_POLICY, approval_policies.approval_policy_edit, name="approval_policy_edit"),
    path(
        f"{_POLICY}/remove",
        approval_policies.approval_policy_remove,
        name="approval_policy_remove",
    ),
]
