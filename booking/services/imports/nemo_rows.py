"""The rows of a NEMO fixture, and what they call one another."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from booking.services.imports.plan import BadRow
from booking.services.imports.reading import no_null


class NemoRow:
    """One object; its fields may carry a leading underscore, as NEMO writes those of tools."""

    def __init__(self, row: dict[str, Any], place: int) -> None:
        """`place` is where it stands in the file, from 1."""
        fields = row.get("fields")
        self.model = str(row.get("model", "")).partition(".")[2].lower()
        self.fields: dict[str, Any] = fields if isinstance(fields, dict) else {}
        self.pk = row.get("pk")
        self.place = place

    @property
    def name(self) -> str:
        """How a report names the row."""
        for field in ("username", "name"):
            if isinstance(self.fields.get(field), str) and self.fields[field].strip():
                return f"{self.fields[field]}"
        return f"{self.model} {self.place if self.pk is None else self.pk}"

    def value(self, name: str) -> Any:  # noqa: ANN401 - as the file has it
        """The field's value, or None where it is missing."""
        return self.fields.get(name, self.fields.get(f"_{name}"))

    def text(self, name: str) -> str:
        """The field as text; a missing one is empty."""
        value = self.value(name)
        if isinstance(value, dict | list):
            raise BadRow(_("%(name)s is no text.") % {"name": name})
        return "" if value is None else no_null(str(value))

    def text_or_none(self, name: str) -> str | None:
        """The field as text, or None where the file says nothing about it."""
        return None if self.value(name) is None else self.text(name)

    def required(self, name: str) -> str:
        """The field as text that must not be empty."""
        text = self.text(name)
        if not text:
            raise BadRow(_("%(name)s is missing.") % {"name": name})
        return text

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Yes or no."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise BadRow(_("%(name)s is neither true nor false.") % {"name": name})
        return value

    def number(self, name: str) -> int | None:
        """A whole number, or None where it is missing."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadRow(_("%(name)s is no whole number.") % {"name": name})
        return value


class Fixture:
    """All rows by model, and the names behind references: natural keys or primary keys."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        """Rows of other applications are left aside."""
        self.rows: dict[str, list[NemoRow]] = {}
        for place, row in enumerate(rows, 1):
            if str(row.get("model", "")).lower().startswith("nemo."):
                read = NemoRow(row, place)
                self.rows.setdefault(read.model, []).append(read)
        self.by_pk = {
            (row.model, str(row.pk)): row
            for found in self.rows.values()
            for row in found
            if row.pk is not None
        }

    def of(self, model: str) -> list[NemoRow]:
        """The rows of a model in their order."""
        return self.rows.get(model, [])

    def name_of(self, model: str, reference: Any, field: str) -> str:  # noqa: ANN401
        """The name behind a reference: a natural key (`["ada"]`) or a primary key (`7`)."""
        if reference in (None, "", []):
            return ""
        if isinstance(reference, list):
            return no_null(str(reference[0]))
        row = self.by_pk.get((model, str(reference)))
        if row is None:
            raise BadRow(
                _("There is no %(model)s %(key)s in the file.")
                % {"model": model, "key": str(reference)[:40]}
            )
        return row.text(field)

    @cached_property
    def qualified_tools(self) -> frozenset[str]:
        """The tools, in lower case, that somebody is qualified for: these are restricted."""
        names = set()
        for row in self.of("qualification"):
            try:
                names.add(self.name_of("tool", row.value("tool"), "name").lower())
            except BadRow:
                # The row is told as bad when it is read itself.
                continue
        return frozenset(names)

    def shutdown_reason(self, tool: str) -> str:
        """The problem that shut the tool down, as the latest open task describes it."""
        for row in reversed(self.of("task")):
            is_open = not row.value("resolved") and not row.value("cancelled")
            if row.value("force_shutdown") and is_open and self._is_about(row, tool):
                return " ".join(str(row.value("problem_description") or "").split())
        return ""

    def _is_about(self, row: NemoRow, tool: str) -> bool:
        reference = row.value("tool")
        if isinstance(reference, list):
            return reference == [tool]
        found = self.by_pk.get(("tool", str(reference)))
        return found is not None and found.value("name") == tool
