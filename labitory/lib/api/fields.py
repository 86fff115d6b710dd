"""Fields and serializers that read strictly: moments with an offset, no unknown names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names that it does not know: a typing error must not be taken for an absent field."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - whatever the client sent
        """The known fields, or every error of every field at once."""
        errors: dict[str, Any] = {}
        if hasattr(data, "keys"):
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            for name in data:
                if name not in self.fields or self.fields[name].read_only:
                    text = _("There is no such field. Known are: %(known)s.") % {"known": known}
                    errors[str(name)[:100]] = [serializers.ErrorDetail(text, code="unknown")]
        try:
            found = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                errors |= error.detail
            raise serializers.ValidationError(errors or error.detail) from error
        if errors:
            raise serializers.ValidationError(errors)
        return found


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A moment: ISO 8601 with an offset in, UTC out. What has no offset is refused, not guessed."""

    default_error_messages = {
        "invalid": _("Write a moment as ISO 8601, such as 2026-03-02T14:30:00+01:00."),
        "naive": _("Add the offset from UTC, such as 2026-03-02T14:30:00+01:00 or a Z."),
        "absurd": _("The year must lie between 2000 and 2100."),
    }

    def to_internal_value(self, data: Any) -> datetime:  # noqa: ANN401 - whatever came
        """An aware moment of UTC, to the microsecond as it was sent."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            # A plus sign in an address that was not quoted arrives as a space.
            moment = datetime.fromisoformat(data.strip().replace(" ", "+"))
        except ValueError:
            self.fail("invalid")
        if len(data.strip()) < len("2026-03-02T14:30"):
            self.fail("invalid")
        if moment.tzinfo is None:
            self.fail("naive")
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self.fail("absurd")
        return moment.astimezone(UTC)

    def to_representation(self, value: datetime) -> str:
        """ISO 8601 in UTC."""
        return write_moment(value)


@extend_schema_field({"type": "string", "format": "duration", "example": "PT1H"})
class LengthField(serializers.Field[timedelta, Any, str, Any]):
    """A length of time in whole minutes as ISO 8601: PT1H, PT90M, P1DT2H."""

    default_error_messages = {
        "invalid": _("Write a length as ISO 8601, such as PT1H or PT90M."),
        "bounds": _("The length must be whole minutes, from PT1M to P14D."),
    }
    longest = timedelta(days=14)

    def to_internal_value(self, data: Any) -> timedelta:  # noqa: ANN401 - whatever came
        """The length."""
        if not isinstance(data, str) or not data.startswith("P"):
            self.fail("invalid")
        try:
            length = parse_duration(data)
        except (OverflowError, ValueError):
            length = None
        if length is None:
            self.fail("invalid")
        minute = timedelta(minutes=1)
        if not minute <= length <= self.longest or length % minute:
            self.fail("bounds")
        return length

    def to_representation(self, value: timedelta) -> str:
        """ISO 8601 in minutes."""
        return f"PT{int(value.total_seconds() // 60)}M"


def write_moment(value: datetime) -> str:
    """A moment as every answer writes it: UTC, ending in Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
