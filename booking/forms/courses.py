"""The shape of courses."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.enums import CourseKind, Delivery
from booking.forms._people import PeopleField
from booking.forms._scopes import ResourcesField
from booking.models import Course
from booking.queries.scopes import offered_types
from labitory.lib.forms import Styled


class CourseForm(Styled, forms.Form):
    """What is taught, by whom, for how long it counts, what comes before and what asks for it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=150)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("About"), choices=CourseKind.choices)
    delivery = forms.ChoiceField(label=gettext_lazy("Given"), choices=Delivery.choices)
    valid_days = forms.IntegerField(
        label=gettext_lazy("Valid for days"),
        min_value=1,
        max_value=3660,
        required=False,
        help_text=gettext_lazy("Empty: for ever."),
    )
    decay_days = forms.IntegerField(
        label=gettext_lazy("Lapses unused after days"),
        min_value=1,
        max_value=3660,
        required=False,
        help_text=gettext_lazy("Who has not used the instruments for so long learns anew."),
    )
    pass_mark = forms.IntegerField(
        label=gettext_lazy("Pass mark in percent"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("Empty: the instructor says who has passed."),
    )
    seats = forms.IntegerField(
        label=gettext_lazy("Seats in a session"), min_value=1, max_value=500, initial=4
    )
    instructors = PeopleField(label=gettext_lazy("Instructors"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("Offered"), required=False, initial=True)
    prerequisites = forms.MultipleChoiceField(
        label=gettext_lazy("To be passed before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose from the list.")},
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Whole types that ask for it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose from the list.")},
    )
    resources = ResourcesField(label=gettext_lazy("Instruments that ask for it"), required=False)

    def __init__(
        self,
        *args: Any,
        actor: User,
        others: list[Course],
        course: Course | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {
            "prerequisites": [
                (str(each.public_id), each.title)
                for each in others
                if course is None or each.pk != course.pk
            ],
            "types": [
                (str(each.public_id), each.name)
                for each in offered_types(viewer=actor, code="training.manage")
            ],
        }
        for name, choices in self.offered.items():
            offer = self.fields[name]
            if isinstance(offer, forms.MultipleChoiceField):
                offer.choices = choices
        field = self.fields["resources"]
        if isinstance(field, ResourcesField):
            field.offer(self["resources"].value(), actor=actor, code="training.manage")

    @property
    def ticked(self) -> dict[str, list[tuple[str, str, bool]]]:
        """Value, label and whether it is chosen, of courses and types."""
        return {
            name: [
                (value, label, value in {str(each) for each in self[name].value() or []})
                for value, label in offered
            ]
            for name, offered in self.offered.items()
        }

    @property
    def members(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Short code, name and whether it is chosen, under the names of the types."""
        chosen = {str(code) for code in self["resources"].value() or []}
        field = self.fields["resources"]
        groups = field.listed.by_type if isinstance(field, ResourcesField) else []
        return [
            (name, [(each.code, each.name, each.code in chosen) for each in members])
            for name, members in groups
        ]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        cleaned = dict(self.cleaned_data)
        people: list[User] = cleaned.pop("instructors")
        resources, types = cleaned.pop("resources"), cleaned.pop("types")
        before = cleaned.pop("prerequisites")
        return {
            **cleaned,
            "kind": CourseKind(cleaned["kind"]),
            "delivery": Delivery(cleaned["delivery"]),
            "prerequisite_ids": tuple(UUID(each) for each in before),
            "type_ids": tuple(UUID(each) for each in types),
            "instructor_ids": tuple(each.public_id for each in people),
            "resource_ids": tuple(each.public_id for each in resources),
        }


def as_typed(course: Course) -> dict[str, Any]:
    """A course as its form shows it."""
    needs = course.required_by.all()
    return {
        **{
            name: getattr(course, name)
            for name in (
                "title",
                "description",
                "kind",
                "delivery",
                "valid_days",
                "decay_days",
                "pass_mark",
                "seats",
                "is_active",
            )
        },
        "instructors": ", ".join(each.username for each in course.instructors.all()),
        "prerequisites": [str(each.public_id) for each in course.prerequisites.all()],
        "types": [str(need.resource_type.public_id) for need in needs if need.resource_type],
        "resources": [need.resource.code for need in needs if need.resource],
    }


class CourseFilterForm(Styled, forms.Form):
    """Which courses to list."""

    q = forms.CharField(label=gettext_lazy("Search"), max_length=100, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("About"),
        choices=[("", gettext_lazy("Everything")), *CourseKind.choices],
        required=False,
    )

    def clean_q(self) -> str:
        """Text without what the database cannot hold."""
        word: str = self.cleaned_data["q"]
        if "\x00" in word:
            raise ValidationError(_("This is no text."))
        return word
