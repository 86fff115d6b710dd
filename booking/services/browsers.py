"""Which browsers show a person's notices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused
from booking.models import PushSubscription
from booking.notifications.channels import PUSH
from labitory.lib.crypto import fingerprint
from labitory.lib.db import run_transaction
from labitory.lib.outbound import AddressRefused, NoAnswer, check_address
from labitory.lib.webpush import check_browser_keys

MOST_BROWSERS = 10
LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserWish:
    """What a browser gives its page when the person agreed: where to send, and its two keys."""

    endpoint: str
    p256dh: str
    auth: str
    label: str


def add_browser(*, user: User, wish: BrowserWish, now: datetime) -> PushSubscription:
    """Show a person's notices in one more browser; at most ten.

    A browser shows one person's: named by somebody else it is theirs from then on. Raises
    ActionRefused for what is no browser's address or key.
    """
    _check(wish)
    digest = fingerprint(wish.endpoint)
    values = {
        "user": user,
        "endpoint": wish.endpoint,
        "p256dh": wish.p256dh,
        "auth": wish.auth,
        "label": wish.label[:100],
    }

    def work() -> PushSubscription:
        # Two browsers of one person at once: the second sees the first.
        lock_user(user.pk)
        mine = PushSubscription.objects.filter(user=user).exclude(endpoint_hash=digest)
        if mine.count() >= MOST_BROWSERS:
            raise ActionRefused(
                code="browser.too_many",
                text=_("You have %(most)s browsers with notices: remove one first.")
                % {"most": MOST_BROWSERS},
                field="endpoint",
            )
        browser, is_new = PushSubscription.objects.update_or_create(
            endpoint_hash=digest, defaults=values, create_defaults={**values, "created_at": now}
        )
        if is_new:
            record(
                action="browser.added",
                actor=user,
                target=user,
                now=now,
                facts={"browser": browser.label},
            )
        return browser

    return run_transaction(work)


def remove_browser(*, user: User, browser_id: UUID, now: datetime) -> None:
    """Show one's notices there no more. Raises PushSubscription.DoesNotExist."""

    def work() -> None:
        browser = PushSubscription.objects.get(user=user, public_id=browser_id)
        browser.delete()
        record(
            action="browser.removed",
            actor=user,
            target=user,
            now=now,
            facts={"browser": browser.label},
        )

    run_transaction(work)


def _check(wish: BrowserWish) -> None:
    if not PUSH.is_ready():
        raise ActionRefused(
            code="browser.off",
            text=_("This lab sends no notices to browsers; administrators may set it up."),
        )
    try:
        if len(wish.endpoint) > LONGEST_ADDRESS:
            raise AddressRefused(_("The address is too long."))
        check_address(wish.endpoint)
        check_browser_keys(wish.p256dh, wish.auth)
    except AddressRefused as error:
        raise _wrong(str(error), "endpoint") from error
    except NoAnswer as error:
        text = _("The address of this browser's push service is not known.")
        raise _wrong(text, "endpoint") from error
    except ValueError as error:
        text = _("These are no keys of a browser: please try it again.")
        raise _wrong(text, "keys") from error


def _wrong(text: str, field: str) -> ActionRefused:
    return ActionRefused(code="browser.wrong", text=text, field=field, status=422)
