"""Allowances and their ledger."""

from django.contrib import admin

from booking.admin._read_only import ReadOnlyAdmin
from booking.models import Quota, QuotaAccount, QuotaEntry


@admin.register(Quota)
class QuotaAdmin(ReadOnlyAdmin):
    """So much, in which time, for whom."""

    list_display = ("name", "measure", "amount", "period", "holder", "role", "is_active")
    list_filter = ("measure", "period", "holder", "is_active")
    search_fields = ("name",)


@admin.register(QuotaAccount)
class QuotaAccountAdmin(ReadOnlyAdmin):
    """What is reserved and used."""

    list_display = ("quota", "holder_id", "starts_on", "carried", "reserved", "used")
    list_filter = ("quota",)
    search_fields = ("quota__name",)
    list_select_related = ("quota",)


@admin.register(QuotaEntry)
class QuotaEntryAdmin(ReadOnlyAdmin):
    """Every movement."""

    list_display = ("at", "account", "kind", "carried", "reserved", "used", "booking")
    list_filter = ("kind",)
    search_fields = ("account__quota__name",)
    list_select_related = ("account__quota", "booking__resource")
