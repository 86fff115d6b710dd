"""Addresses of the programming interface, version 1."""

from django.urls import path

from booking.api.v1 import (
    access,
    approvals,
    bookings,
    calendars,
    check_ins,
    courses,
    groups,
    plans,
    qualifications,
    questions,
    quotas,
    readable_policies,
    resources,
    trainer_matches,
    training_sessions,
    waiting_list,
)
from booking.api.v1.documentation import DocumentationView, SchemaView

app_name = "api"
_ACCESS = "access-requests/<uuid:public_id>"
_BOOKING = "bookings/<uuid:public_id>"
_PROPOSAL = "proposals/<uuid:public_id>"
_LESSON = "training-sessions/<uuid:public_id>"

urlpatterns = [
    path("resources", resources.ResourcesView.as_view(), name="resources"),
    path("resources/<uuid:public_id>", resources.ResourceView.as_view(), name="resource"),
    path(
        "resources/<uuid:public_id>/availability",
        resources.AvailabilityView.as_view(),
        name="availability",
    ),
    path(
        "resources/<uuid:public_id>/policies",
        readable_policies.ResourcePoliciesView.as_view(),
        name="resource_policies",
    ),
    path("resources/<uuid:public_id>/start", check_ins.StartView.as_view(), name="resource_start"),
    path(
        "resources/<uuid:public_id>/questions",
        questions.QuestionsView.as_view(),
        name="resource_questions",
    ),
    path("bookings", bookings.BookingsView.as_view(), name="bookings"),
    path("bookings/check", bookings.BookingCheckView.as_view(), name="booking_check"),
    path(_BOOKING, bookings.BookingView.as_view(), name="booking"),
    path(f"{_BOOKING}/cancel", bookings.CancelView.as_view(), name="booking_cancel"),
    path(f"{_BOOKING}/undo", plans.UndoView.as_view(), name="booking_undo"),
    path("templates", plans.TemplatesView.as_view(), name="templates"),
    path("templates/<uuid:public_id>", plans.TemplateView.as_view(), name="template"),
    path("proposals", plans.ProposalsView.as_view(), name="proposals"),
    path(_PROPOSAL, plans.ProposalView.as_view(), name="proposal"),
    path(f"{_PROPOSAL}/accept", plans.ProposalAcceptView.as_view(), name="proposal_accept"),
    path(f"{_PROPOSAL}/decline", plans.ProposalDeclineView.as_view(), name="proposal_decline"),
    path(f"{_PROPOSAL}/withdraw", plans.ProposalWithdrawView.as_view(), name="proposal_withdraw"),
    path(f"{_BOOKING}/approve", bookings.ApproveView.as_view(), name="booking_approve"),
    path(f"{_BOOKING}/reject", bookings.RejectView.as_view(), name="booking_reject"),
    path(f"{_BOOKING}/check-in", check_ins.CheckInView.as_view(), name="booking_check_in"),
    path(f"{_BOOKING}/check-out", check_ins.CheckOutView.as_view(), name="booking_check_out"),
    path(f"{_BOOKING}/extend", check_ins.ExtendView.as_view(), name="booking_extend"),
    path(f"{_BOOKING}/no-show", check_ins.NoShowView.as_view(), name="booking_no_show"),
    path("sessions", check_ins.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:public_id>", check_ins.SessionView.as_view(), name="session"),
    path("questions/<uuid:public_id>", questions.QuestionView.as_view(), name="question"),
    path("approvals", approvals.ApprovalsView.as_view(), name="approvals"),
    path("approvals/decide", approvals.ApprovalsDecideView.as_view(), name="approvals_decide"),
    path("approvals/delegations", approvals.DelegationsView.as_view(), name="delegations"),
    path(
        "approvals/delegations/<uuid:public_id>/end",
        approvals.DelegationEndView.as_view(),
        name="delegation_end",
    ),
    path("access-requests", access.AccessRequestsView.as_view(), name="access_requests"),
    path(_ACCESS, access.AccessRequestView.as_view(), name="access_request"),
    path(f"{_ACCESS}/reject", access.AccessRejectView.as_view(), name="access_reject"),
    path(f"{_ACCESS}/withdraw", access.AccessWithdrawView.as_view(), name="access_withdraw"),
    path(
        "access-steps/<uuid:public_id>/confirm",
        access.AccessStepConfirmView.as_view(),
        name="access_step_confirm",
    ),
    path("calendar", calendars.CalendarView.as_view(), name="calendar"),
    path("groups", groups.GroupsView.as_view(), name="groups"),
    path("projects", groups.ProjectsView.as_view(), name="projects"),
    path("quotas", quotas.QuotasView.as_view(), name="quotas"),
    path("quotas/mine", quotas.MyQuotasView.as_view(), name="quotas_mine"),
    path("quotas/<uuid:public_id>", quotas.QuotaView.as_view(), name="quota"),
    path(
        "quotas/<uuid:public_id>/accounts",
        quotas.QuotaAccountsView.as_view(),
        name="quota_accounts",
    ),
    path("free-slots", calendars.FreeSlotsView.as_view(), name="free_slots"),
    path("courses", courses.CoursesView.as_view(), name="courses"),
    path("courses/<uuid:public_id>", courses.CourseView.as_view(), name="course"),
    path(
        "training-sessions",
        training_sessions.TrainingSessionsView.as_view(),
        name="training_sessions",
    ),
    path(_LESSON, training_sessions.TrainingSessionView.as_view(), name="training_session"),
    path(
        f"{_LESSON}/sign-up",
        training_sessions.SignUpView.as_view(),
        name="training_session_sign_up",
    ),
    path(
        f"{_LESSON}/sign-off",
        training_sessions.SignOffView.as_view(),
        name="training_session_sign_off",
    ),
    path(
        f"{_LESSON}/cancel",
        training_sessions.TrainingSessionCancelView.as_view(),
        name="training_session_cancel",
    ),
    path(
        f"{_LESSON}/results",
        training_sessions.ResultsView.as_view(),
        name="training_session_results",
    ),
    path("qualifications", qualifications.QualificationsView.as_view(), name="qualifications"),
    path(
        "qualifications/<uuid:public_id>",
        qualifications.QualificationView.as_view(),
        name="qualification",
    ),
    path(
        "qualifications/<uuid:public_id>/revoke",
        qualifications.RevokeView.as_view(),
        name="qualification_revoke",
    ),
    path("training-matches", trainer_matches.MatchesView.as_view(), name="training_matches"),
    path("waiting-list", waiting_list.EntriesView.as_view(), name="waiting_list"),
    path("waiting-list/<uuid:public_id>", waiting_list.EntryView.as_view(), name="waiting_entry"),
    path(
        "waiting-list/<uuid:public_id>/leave",
        waiting_list.LeaveView.as_view(),
        name="waiting_leave",
    ),
    path("offers", waiting_list.OffersView.as_view(), name="offers"),
    path("offers/<uuid:public_id>", waiting_list.OfferView.as_view(), name="offer"),
    path("offers/<uuid:public_id>/accept", waiting_list.AcceptView.as_view(), name="offer_accept"),
    path(
        "offers/<uuid:public_id>/decline",
        waiting_list.DeclineView.as_view(),
        name="offer_decline",
    ),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocumentationView.as_view(), name="docs"),
]
