"""Calendar feeds: the page on which people make them, and the address that programs read."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from booking.enums import FeedScope
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.feeds import FeedForm
from booking.models import CalendarFeed
from booking.notifications.feeds import feed_calendar, feed_form
from booking.notifications.words import outside
from booking.queries.feeds import feed_content, feeds_of, find_feed, hash_token, target_of
from booking.services.feeds import (
    MOST_FEEDS,
    NewFeed,
    create_feed,
    note_read,
    renew_feed,
    revoke_feed,
)
from booking.views._pages import name_origin_only, reader
from labitory.lib.clock import now as clock_now

# Several programs of one person may share an address; each reads every few minutes at most.
RATE = "240/h"
_KEPT_DAYS = 40


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feed_list(request: HttpRequest) -> HttpResponse:
    """One's feeds, and a form for another; its address is shown once, in the answer."""
    user, now = reader(request), clock_now()
    if request.method != "POST":
        initial = {"shows": request.GET.get("shows", FeedScope.MINE.value)}
        return _page(request, FeedForm(initial=initial, user=user, now=now))
    form = FeedForm(request.POST, user=user, now=now)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = create_feed(user=user, now=now, **form.wanted)
    except BookingError as error:
        show_refusals(form, error)
        return _page(request, form, status=error.status)
    return _show_address(request, made)


@login_required
@never_cache
@require_POST
def feed_renew(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give a feed a new address, shown once; the old one is dead."""
    try:
        made = renew_feed(user=reader(request), feed_id=public_id, now=clock_now())
    except CalendarFeed.DoesNotExist as error:
        raise Http404 from error
    return _show_address(request, made)


@login_required
@require_POST
def feed_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a feed."""
    try:
        feed = revoke_feed(user=reader(request), feed_id=public_id, now=clock_now())
    except CalendarFeed.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("%(name)s is revoked: its address shows nothing.") % {"name": feed})
    return redirect("booking:feed_list")


def _token_of(_group: str, request: HttpRequest) -> str:
    """Reads are counted by what is kept of the token, never by itself."""
    return hash_token(str(request.resolver_match.kwargs["token"]) if request.resolver_match else "")


@ratelimit(key=_token_of, rate=RATE, method=("GET", "HEAD"))  # type: ignore[untyped-decorator]
@require_safe
def feed_read(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of a token, for programs without a login; 304 where they have it already.

    There is nothing here for a token that is unknown or revoked, and for an owner who left or may
    no longer see what it shows.
    """
    now, feed = clock_now(), find_feed(token)
    if feed is None:
        raise Http404
    target = target_of(
        feed.user, scope=FeedScope(feed.scope), resource=feed.resource, group=feed.group, now=now
    )
    if target is None:
        raise Http404
    form, kept = feed_form(feed), cache.get(_key(feed))
    has = _digests(request, form, kept)
    content = feed_content(feed, target, known=has, now=now)
    note_read(feed=feed, now=now)
    etag = f"{content.digest}-{form}"
    if content.is_known:
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = HttpResponse(
            feed_calendar(feed, content.entries, now=now),
            content_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'inline; filename="labitory.ics"'},
        )
    _add_headers(response, etag=etag, changed=_since(feed, etag, kept, now))
    return response


def _key(feed: CalendarFeed) -> str:
    return f"feed:{feed.pk}"


def _digests(request: HttpRequest, form: str, kept: tuple[str, int] | None) -> list[str]:
    """The digests of what the reader has, by its ETags or by the time of its copy.

    What stands between us may have made an ETag weak when it compressed the answer.
    """
    if given := request.headers.get("If-None-Match", ""):
        tags = [tag.removeprefix("W/").strip('"') for tag in parse_etags(given)]
    else:
        copied = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
        tags = [kept[0]] if kept and copied is not None and copied >= kept[1] else []
    return [tag.partition("-")[0] for tag in tags if tag.endswith(f"-{form}")]


def _since(feed: CalendarFeed, etag: str, kept: tuple[str, int] | None, now: datetime) -> int:
    """Since when the feed has been what it is, in whole seconds, as far as anybody read it.

    No row says when a right or a name changed, so the first reading of each state is kept in the
    cache; a later state is at least a second later. An empty cache costs one full answer.
    """
    if kept and kept[0] == etag:
        return kept[1]
    since = max(int(now.timestamp()), kept[1] + 1 if kept else 0)
    cache.set(_key(feed), (etag, since), timeout=_KEPT_DAYS * 86400)
    return since


def _add_headers(response: HttpResponse, *, etag: str, changed: int) -> None:
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Last-Modified"] = http_date(changed)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"


def _show_address(request: HttpRequest, made: NewFeed) -> HttpResponse:
    address = outside(reverse("booking:feed_read", args=[made.token]))
    context = {
        "feed": made.feed,
        "address": address,
        # What calendar programs register for: one tap subscribes.
        "webcal": f"webcal:{address.partition(':')[2]}",
    }
    return name_origin_only(render(request, "booking/feeds/address.html", context))


def _page(request: HttpRequest, form: FeedForm, *, status: int = 200) -> HttpResponse:
    feeds = list(feeds_of(reader(request)))
    context: dict[str, Any] = {
        "form": form,
        "feeds": feeds,
        "is_full": len(feeds) >= MOST_FEEDS,
        "most": MOST_FEEDS,
    }
    return render(request, "booking/feeds/list.html", context, status=status)
