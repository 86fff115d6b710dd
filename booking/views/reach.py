"""How one wants to be told: kinds by channel, quiet hours, digests, followed resources."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs
from accounts.models import User
from booking.enums import WatchMode
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.reach import ScheduleForm, TimingsForm
from booking.models import Resource
from booking.notifications.channels import PERSONAL, PUSH, SMS
from booking.notifications.topics import Topic, choosable_by
from booking.queries.browsers import browsers_of
from booking.queries.phones import phone_of
from booking.queries.reach import Chosen, chosen_by, lab_choices, schedule_of, watched_by
from booking.services.reach import Schedule, choose_schedule, choose_timings, watch_resource
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now
from labitory.lib.webpush import public_key_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notification_preferences(request: HttpRequest, topic: str = "") -> HttpResponse:
    """What one hears of and by which channel: by topic, or kind by kind within one topic."""
    user = reader(request)
    chosen = chosen_by([user.pk])[user.pk]
    return _timings(request, user=user, chosen=chosen, topic=topic)


@needs("message.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def notification_defaults(request: HttpRequest, topic: str = "") -> HttpResponse:
    """What everybody hears of who chose nothing."""
    return _timings(request, user=None, chosen=Chosen({}, lab_choices()), topic=topic)


@login_required
@require_POST
def notification_schedule(request: HttpRequest) -> HttpResponse:
    """Set one's quiet hours and the time of the digest."""
    user = reader(request)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            choose_schedule(user=user, wanted=Schedule(**form.cleaned_data), now=clock_now())
        except BookingError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Your quiet hours, digest and reminders are set."))
            return redirect("booking:notification_preferences")
    chosen = chosen_by([user.pk])[user.pk]
    timings = TimingsForm(chosen=chosen, topics=choosable_by(user))
    context = _context(user, timings, None)
    # The other form of the page leads where it always does.
    context |= {"schedule": form, "action": reverse("booking:notification_preferences")}
    return render(request, "booking/reach/preferences.html", context, status=422)


@login_required
@require_POST
def resource_watch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Follow an instrument, mute it, or neither."""
    word = request.POST.get("mode", "")
    if word and word not in WatchMode.values:
        raise Http404
    try:
        watch_resource(
            user=reader(request),
            resource_id=public_id,
            mode=WatchMode(word) if word else None,
            now=clock_now(),
        )
    except Resource.DoesNotExist as error:
        raise Http404 from error
    said = {
        "": _("You hear of it as everybody does."),
        WatchMode.FOLLOW: _("You follow it: you hear of its faults and maintenance."),
        WatchMode.MUTE: _("It is muted: you hear of your own bookings, and of what is urgent."),
    }
    messages.success(request, said[word])
    if "settings" in request.POST:
        return redirect("booking:notification_preferences")
    return redirect("booking:resource_detail", public_id)


def _timings(
    request: HttpRequest, *, user: User | None, chosen: Chosen, topic: str
) -> HttpResponse:
    topics = choosable_by(user)
    found = _topic(topic, topics)
    form = TimingsForm(request.POST or None, chosen=chosen, topics=topics, topic=found)
    if request.method == "POST" and form.is_valid():
        actor = reader(request)
        try:
            choose_timings(actor=actor, user=user, choices=form.choices, now=clock_now())
        except BookingError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Kept: this is what you hear of from now on."))
            return redirect(request.path)
    status = 422 if request.method == "POST" else 200
    context = _context(user, form, found) | {"action": request.path}
    return render(request, "booking/reach/preferences.html", context, status=status)


def _topic(word: str, topics: Sequence[Topic]) -> Topic | None:
    if not word:
        return None
    found = next((each for each in topics if each.key == word), None)
    if found is None:
        raise Http404
    return found


def _context(user: User | None, form: TimingsForm, topic: Topic | None) -> dict[str, object]:
    context: dict[str, object] = {"form": form, "topic": topic, "is_lab": user is None}
    if user is not None and topic is None:
        schedule = schedule_of(user)
        initial = {name: getattr(schedule, name) for name in ScheduleForm.base_fields}
        context |= {
            "schedule": ScheduleForm(initial=initial),
            "watches": watched_by(user),
            "sending": [each for each in PERSONAL.values() if each.is_ready()],
            **_browsers(user),
            "phone_state": _phone_state(user) if SMS.is_ready() else "",
        }
    return context


def _browsers(user: User) -> dict[str, object]:
    if not PUSH.is_ready():
        return {}
    key = public_key_of(settings.VAPID_PRIVATE_KEY)
    return {"browsers": list(browsers_of(user)), "push_key": key}


def _phone_state(user: User) -> str:
    phone = phone_of(user)
    if phone is None:
        return "missing"
    return "verified" if phone.verified_at else "unverified"
