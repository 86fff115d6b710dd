"""Who may open which address: what is not named here is everybody's who is logged in."""

from django.contrib.admin import site
from django.http import HttpRequest

from tests.journeys.demo import CAST, DemoLab
from tests.journeys.routes import Route

VISITOR = "visitor"
EVERYBODY = (VISITOR, *CAST)
MANAGERS = ("chris", "dora")
# Eve and ben are shown what ada is.
LINKED = (VISITOR, "ada", "chris", "dora")
# Asked beside the bare address, or instead of it where that asks nothing.
QUERIES = {
    "booking:calendar": ("", "view=week", "view=week&date=2026-03-29"),
    "admin:autocomplete": ("app_label=booking&model_name=resourcelink&field_name=linked&term=con",),
}
PUBLIC = {
    "health_live",
    "health_ready",
    "health_workers",
    "csp_report",
    "app_manifest",
    "app_icon",
    "app_worker",
    # One's own bookings, or that there is no network.
    "booking:offline",
    "token",
    "token_refresh",
    "api:schema",
    # What hangs beside an instrument: its state, and nobody's name.
    "booking:kiosk",
    "booking:kiosk_state",
    "booking:wall",
    "api:docs",
    "accounts:login",
    "accounts:logout",
    "accounts:password_reset",
    "accounts:password_reset_done",
    "accounts:password_reset_complete",
    "accounts:password_reset_confirm",
    "accounts:password_check",
    "accounts:passkey_login",
    "accounts:passkey_options",
    "accounts:unlock",
    "accounts:unlock_sent",
    "accounts:unlock_use",
    "accounts:register",
    "accounts:register_sent",
    "accounts:register_confirm",
    "accounts:invitation_accept",
    "accounts:session_left",
    "accounts:sso_begin",
    "booking:verify",
    # What the sender of texts signs.
    "booking:sms_status",
    # The signed link says whose mails they are.
    "booking:mails_decline",
    # Its address is the secret.
    "booking:feed_read",
}
_SETS = ("", "s", "_text", "_validate", "_differences", "_apply", "_export")
# What only some open although its address does not say so, and the other way round.
MANAGERS_ONLY = {
    "booking:resource_new",
    "booking:resource_edit",
    "booking:resource_close",
    "booking:resource_open",
    "booking:resource_access",
    "booking:access_steps",
    "booking:access_revoke",
    "booking:resource_hours",
    "booking:calendar_import",
    "booking:calendar_import_confirm",
    "booking:resource_policies",
    "booking:resource_questions",
    "booking:resource_sessions",
    "booking:resource_waiting",
    "booking:type_questions",
    "booking:question_edit",
    "booking:question_move",
    "booking:course_new",
    "booking:course_edit",
    "booking:course_pass",
    "booking:training_session_new",
    "booking:training_session_edit",
    "accounts:view_as_start",
    "accounts:group_new",
    "accounts:group_edit",
    "accounts:project_new",
    "accounts:project_edit",
    "roles",
    "api:broadcasts",
    "api:broadcast",
    "api:displays",
    "api:display_revoke",
    "api:messages",
    "api:message",
    *(f"api:quota{word}" for word in ("", "s", "_accounts")),
    *(f"api:price{word}" for word in ("", "s", "_remove")),
    *(f"api:policy_set{word}" for word in _SETS),
    *(f"api:policy_trial{word}" for word in ("", "s", "_stop")),
}
SYSADMINS_ONLY = {
    "audit:log_list",
    "audit:security",
    "audit:security_report",
    "accounts:locks",
    "accounts:privacy_requests",
    "accounts:retention",
    "roles:role_new",
    "roles:role_edit",
    "roles:role_delete",
    "booking:person_leave",
    "booking:person_merge",
    "booking:unit_new",
    "booking:unit_edit",
    "booking:system_health",
    "booking:message_resend",
    "booking:messages_resend",
    "booking:event_retry",
    "booking:notification_defaults",
    "booking:notification_defaults_topic",
    "booking:address_list",
    "booking:address_try",
    "booking:endpoint_list",
    "booking:endpoint_new",
    "booking:endpoint_detail",
    "booking:endpoint_edit",
    "booking:endpoint_delivery",
    *(f"booking:endpoint_{act}" for act in ("rotate", "test", "switch", "replay", "delete")),
    "booking:endpoint_delivery_replay",
    *(f"api:endpoint{word}" for word in ("s", "", "_rotate", "_switch", "_test", "_replay")),
    *(f"api:endpoint_{word}" for word in ("deliveries", "delivery_replay")),
    *(f"booking:wording_{word}" for word in ("list", "edit", "mail", "versions")),
    *(f"booking:wording_{word}" for word in ("restore", "reset")),
    "api:wordings",
    "api:wording",
}
# The group and the project of the addresses are Ben's; Ada works in both.
LEADERS_ONLY = {
    "accounts:invitation_list",
    "booking:project_resources",
    "booking:qualification_list",
}
FOR_ALL_WHO_DECIDE = {"booking:access_queue", "booking:approval_list", "booking:approval_answers"}
# Nobody gives away or swaps what is hers; those who see it are told so.
HERS_ONLY = {"booking:booking_offer", "booking:booking_swap"}
# Whose it is, and who else is told that it is there at all.
HER_AND_MANAGERS = ("ada", *MANAGERS)
TOLD_TO = {
    "booking:booking_detail": HER_AND_MANAGERS,
    "booking:booking_edit": HER_AND_MANAGERS,
    "booking:booking_cancel": HER_AND_MANAGERS,
    "booking:booking_ics": HER_AND_MANAGERS,
    "api:booking": HER_AND_MANAGERS,
    "booking:booking_offer": HER_AND_MANAGERS,
    "booking:booking_swap": HER_AND_MANAGERS,
    "booking:template_new": HER_AND_MANAGERS,
    "booking:template_edit": ("ada",),
    # Nobody else has given one.
    "api:phone": ("ada",),
    "api:remote_calendar": ("ada",),
    "api:template": ("ada",),
    "booking:announcement": ("ada",),
    "booking:proposal": ("ada", "ben"),
    "api:proposal": ("ada", "ben"),
    "booking:series_detail": HER_AND_MANAGERS,
    "booking:series_edit": HER_AND_MANAGERS,
    "booking:series_cancel": HER_AND_MANAGERS,
    "booking:series_ics": HER_AND_MANAGERS,
    "booking:access_request": (*HER_AND_MANAGERS, "ben"),
    "api:access_request": (*HER_AND_MANAGERS, "ben"),
    "booking:assessment": HER_AND_MANAGERS,
    "api:assessment": HER_AND_MANAGERS,
    "booking:assessment_edit": ("ada",),
    "api:series_one": HER_AND_MANAGERS,
    "api:maintenance_work": MANAGERS,
    "api:maintenance_plan": MANAGERS,
    "booking:booking_check_in": HER_AND_MANAGERS,
    "booking:booking_check_out": HER_AND_MANAGERS,
    "booking:booking_extend": HER_AND_MANAGERS,
    "api:session": HER_AND_MANAGERS,
    "booking:certificate": HER_AND_MANAGERS,
    "api:qualification": HER_AND_MANAGERS,
    "booking:offer": ("ada",),
    "booking:waiting_edit": ("ada",),
    "api:offer": ("ada",),
    "api:waiting_entry": ("ada",),
    "accounts:factor_app_confirm": ("ada",),
    "accounts:factor_device": ("ada",),
    "booking:project_detail": (*HER_AND_MANAGERS, "ben"),
    "booking:project_resources": (*HER_AND_MANAGERS, "ben"),
}
# Answers that are right for everybody who is logged in, whatever the rules below say.
ODD = {
    "accounts:login": 302,
    "accounts:register": 302,
    # Without a login under way, a form that waits, or a login elsewhere.
    "accounts:factor_ask": 302,
    "accounts:resume": 302,
    "accounts:sso_complete": 404,
    "accounts:sso_metadata": 404,
    # It asks in what, and on what.
    "api:training_matches": 400,
    # One's own password is changed in one place.
    "admin:password_change": 302,
    # Nothing in the admin links to a page of the site.
    "admin:view_on_site": 404,
    # Nobody changes a session, so there is no history of it.
    "admin:accounts_session_history": 404,
    "admin:logout": 405,
    # The key moves from the address to the session at once.
    "accounts:password_reset_confirm": 302,
}
ODD_FOR_VISITORS = {
    "accounts:password_reset_confirm": 302,
    "accounts:factor_ask": 302,
    "accounts:sso_complete": 404,
    "accounts:sso_metadata": 404,
    "admin:logout": 302,
    # A form that was open while the login ended is told so in its place.
    "booking:booking_preview": 405,
}


def expected_for_visitor(route: Route) -> set[int]:
    """What visitors get: a page, the way to the login, or a problem that asks for a token."""
    if route.name in ODD_FOR_VISITORS:
        return {ODD_FOR_VISITORS[route.name]}
    if route.name in PUBLIC:
        return {200, 405}
    return {401} if route.path.startswith("api/") else {302}


def expected_for(lab: DemoLab, who: str, route: Route) -> set[int]:
    """What somebody who is logged in gets; 405 is the answer of what is only ever sent."""
    if route.name.startswith("admin:"):
        return expected_in_admin(lab, who, route)
    if route.name in ODD:
        return {ODD[route.name]}
    if who not in TOLD_TO.get(route.name, CAST):
        return {404}
    return {200, 405} if who in allowed(route) else {403, 405}


def allowed(route: Route) -> tuple[str, ...]:
    """Who may open an address; what is only ever sent answers everybody with 405."""
    if route.name in SYSADMINS_ONLY or route.name.startswith("accounts:security_"):
        return ("dora",)
    if route.name in HERS_ONLY:
        return ("ada",)
    if route.name in LEADERS_ONLY:
        return ("ben", *MANAGERS)
    is_managed = route.path.startswith("manage") and route.name not in FOR_ALL_WHO_DECIDE
    return MANAGERS if is_managed or route.name in MANAGERS_ONLY else CAST


def expected_in_admin(lab: DemoLab, who: str, route: Route) -> set[int]:
    """The admin is the system administrators'; others are asked to log in as one."""
    if route.name == "admin:login":
        return {302} if who == "dora" else {403}
    if who != "dora":
        return {302}
    if route.name in ODD:
        return {ODD[route.name]}
    kind, _, act = route.name.removeprefix("admin:").rpartition("_")
    asked = HttpRequest()
    asked.user = lab.people[who]
    for model, shown in site._registry.items():
        if model._meta.label_lower.replace(".", "_") != kind:
            continue
        is_refused = (act == "add" and not shown.has_add_permission(asked)) or (
            act == "delete" and not shown.has_delete_permission(asked)
        )
        return {403} if is_refused else {200}
    return {200}
