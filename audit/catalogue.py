"""What each known action reads like.

Each action has templates from the most to the least telling; the first whose names are all known
is used, so a record with few facts still makes a sentence. `actor` and `object` are always known;
`user` is somebody else whose thing it is, `own` the actor where it is their own; `left`,
`new_start` and `new_end` are what a move changed. What is not listed is told from its changes.
"""

from django.utils.translation import gettext_lazy as _

from audit.access import ACCESS
from audit.approvals import APPROVALS
from audit.assessments import ASSESSMENTS
from audit.care import CARE
from audit.check_ins import CHECK_INS
from audit.endpoints import ENDPOINTS
from audit.factors import FACTORS
from audit.messages import MESSAGES
from audit.organisation import ORGANISATION
from audit.plans import PLANS
from audit.policies import POLICIES
from audit.prices import PRICES
from audit.privacy import PRIVACY
from audit.quotas import QUOTAS
from audit.reach import REACH
from audit.roles import ROLES
from audit.series import SERIES
from audit.sign_on import SIGN_ON
from audit.training import TRAINING
from audit.waiting import WAITING

_BOOKINGS = {
    "booking.created": (
        _("%(actor)s booked %(resource)s for %(user)s, %(period)s"),
        _("%(actor)s booked %(resource)s, %(period)s"),
        _("%(actor)s booked %(object)s"),
    ),
    "booking.requested": (
        _("%(actor)s asked for %(resource)s for %(user)s, %(period)s"),
        _("%(actor)s asked for %(resource)s, %(period)s"),
        _("%(actor)s asked for %(object)s"),
    ),
    "booking.rescheduled": (
        _("%(actor)s moved %(user)s's booking from %(left)s to %(resource)s, %(new_start)s"),
        _("%(actor)s moved %(user)s's booking from %(left)s to %(resource)s"),
        _("%(actor)s moved %(user)s's booking of %(resource)s to %(new_start)s"),
        _("%(actor)s changed the end of %(user)s's booking of %(resource)s to %(new_end)s"),
        _("%(own)s moved their booking from %(left)s to %(resource)s, %(new_start)s"),
        _("%(own)s moved their booking from %(left)s to %(resource)s"),
        _("%(own)s moved their booking of %(resource)s to %(new_start)s"),
        _("%(own)s changed the end of their booking of %(resource)s to %(new_end)s"),
        _("%(actor)s moved %(object)s"),
    ),
    "booking.cancelled": (
        _("%(actor)s cancelled %(user)s's booking of %(resource)s, %(period)s"),
        _("%(own)s cancelled their booking of %(resource)s, %(period)s"),
        _("%(actor)s cancelled %(object)s"),
    ),
    "booking.approved": (
        _("%(actor)s approved %(user)s's booking of %(resource)s, %(period)s"),
        _("%(actor)s approved %(object)s"),
    ),
    "booking.rejected": (
        _("%(actor)s rejected %(user)s's booking of %(resource)s, %(period)s"),
        _("%(actor)s rejected %(object)s"),
    ),
    "booking.checked_in": (
        _("%(actor)s checked %(user)s in on %(resource)s"),
        _("%(own)s checked in on %(resource)s"),
        _("%(actor)s checked in: %(object)s"),
    ),
    "booking.completed": (
        _("%(actor)s completed %(user)s's booking of %(resource)s, %(period)s"),
        _("%(own)s completed their booking of %(resource)s, %(period)s"),
        _("%(actor)s completed %(object)s"),
    ),
    "booking.no_show": (
        _("%(actor)s marked %(user)s as not shown up on %(resource)s, %(period)s"),
        _("%(actor)s marked a no-show: %(object)s"),
    ),
    "booking.edited": (
        _("%(actor)s edited %(user)s's booking of %(resource)s, %(period)s"),
        _("%(own)s edited their booking of %(resource)s, %(period)s"),
        _("%(actor)s edited %(object)s"),
    ),
    "booking.overridden": (
        _("%(actor)s overrode the rules for %(user)s's booking of %(resource)s, %(period)s"),
        _("%(own)s overrode the rules for their booking of %(resource)s, %(period)s"),
        _("%(actor)s overrode the rules for %(object)s"),
    ),
}

_RESOURCES = {
    "resource.created": (_("%(actor)s added %(object)s"),),
    "resource.closed": (_("%(actor)s closed %(object)s"),),
    "resource.opened": (_("%(actor)s opened %(object)s"),),
    "resource.access_granted": (
        _("%(actor)s gave %(user)s access to %(resource)s"),
        _("%(actor)s gave access: %(object)s"),
    ),
    "resource.access_revoked": (
        _("%(actor)s took %(user)s's access to %(resource)s away"),
        _("%(actor)s took access away: %(object)s"),
    ),
    "resource.hours_changed": (
        _("%(actor)s changed the opening hours of %(resource)s"),
        _("%(actor)s changed the opening hours of %(object)s"),
    ),
    "resource.closure_added": (
        _("%(actor)s closed %(resource)s for %(period)s"),
        _("%(actor)s added a closure: %(object)s"),
    ),
    "resource.closure_removed": (
        _("%(actor)s removed the closure of %(resource)s, %(period)s"),
        _("%(actor)s removed a closure: %(object)s"),
    ),
    "maintenance.scheduled": (
        _("%(actor)s scheduled maintenance of %(resource)s, %(period)s"),
        _("%(actor)s scheduled maintenance: %(object)s"),
    ),
    "maintenance.cancelled": (
        _("%(actor)s cancelled the maintenance of %(resource)s, %(period)s"),
        _("%(actor)s cancelled maintenance: %(object)s"),
    ),
}

_PEOPLE = {
    "user.logged_in": (_("%(actor)s logged in"),),
    "user.token_given": (_("%(actor)s was given a token for a program"),),
    "user.logged_out": (_("%(actor)s logged out"),),
    "user.login_failed": (_("Somebody failed to log in as %(object)s"),),
    "user.login_refused": (
        _("Somebody tried to log in as %(object)s while nobody could, after too many failures"),
    ),
    "address.unlocked": (_("%(actor)s unlocked the logins from %(object)s"),),
    "user.unlocked": (_("%(actor)s unlocked the login of %(object)s"),),
    "user.unlock_requested": (_("Somebody asked for a link to unlock the login of %(object)s"),),
    "user.session_ended": (_("%(actor)s ended one of their sessions"),),
    "user.sessions_ended": (_("%(actor)s ended all their other sessions"),),
    "user.session_ended_for": (_("%(actor)s ended a session of %(object)s: %(device)s"),),
    "user.sessions_ended_for": (_("%(actor)s ended all sessions of %(object)s"),),
    "user.device_forgotten": (
        _("%(actor)s had %(device)s forgotten"),
        _("%(actor)s had a known browser forgotten"),
    ),
    "user.password_changed": (_("%(actor)s changed the password of %(object)s"),),
    "user.password_set": (_("%(actor)s set a new password for %(object)s"),),
    "user.password_reset": (_("%(object)s chose a new password by e-mail"),),
    "user.password_reset_requested": (
        _("Somebody asked for a link to reset the password of %(object)s"),
    ),
    "user.created": (_("%(actor)s made an account for %(object)s"),),
    "user.role_changed": (
        _("%(actor)s changed the role of %(object)s from %(role_before)s to %(role_after)s"),
        _("%(actor)s changed the role of %(object)s"),
    ),
    "user.deactivated": (_("%(actor)s deactivated the account of %(object)s"),),
    "user.reactivated": (_("%(actor)s reactivated the account of %(object)s"),),
}

_ADMINISTRATION = {
    "admin.added": (_("%(actor)s added %(object)s"),),
    "admin.deleted": (_("%(actor)s deleted %(object)s"),),
    "pool.deleted": (_("%(actor)s deleted the pool %(object)s"),),
    "holidays.synced": (_("%(actor)s brought the public holidays up to date (%(country)s)"),),
    "import.file_imported": (_("%(actor)s imported %(object)s"),),
    "alert.handled": (_("%(actor)s handled the alarm: %(object)s"),),
    "demo.loaded": (_("%(actor)s loaded the demo lab"),),
}

SENTENCES = {
    **_BOOKINGS,
    **CHECK_INS,
    **_RESOURCES,
    **_PEOPLE,
    **_ADMINISTRATION,
    **ORGANISATION,
    **PRIVACY,
    **ROLES,
    **SIGN_ON,
    **QUOTAS,
    **FACTORS,
    **TRAINING,
    **WAITING,
    **SERIES,
    **PLANS,
    **REACH,
    **ENDPOINTS,
    **MESSAGES,
    **POLICIES,
    **PRICES,
    **APPROVALS,
    **ACCESS,
    **ASSESSMENTS,
    **CARE,
}
