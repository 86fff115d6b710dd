"""Versions of the policies as they were applied."""

from django.db.models import QuerySet

from booking.models import PolicySet


def policy_sets() -> "QuerySet[PolicySet]":
    """All versions, the latest first, without their texts."""
    return PolicySet.objects.select_related("applied_by").defer("text").order_by("-version")


def find_set(version: int) -> PolicySet | None:
    """One version with its text."""
    return PolicySet.objects.select_related("applied_by").filter(version=version).first()
