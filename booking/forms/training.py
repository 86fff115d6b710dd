"""The shape of sessions, results, certificates and of asking for a training."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms._choices import PersonField
from accounts.models import User
from booking.enums import SeatState
from booking.forms._moments import EARLIEST_YEAR, LATEST_YEAR, MomentField, MomentsForm
from booking.forms._scopes import ResourceField
from booking.models import Course, TrainingSeat, TrainingSession
from labitory.lib.forms import Styled
from labitory.lib.periods import Period

_ABSENT: dict[str, Any] = {SeatState.ABSENT: SeatState.ABSENT.label}
_OUTCOMES: dict[str, Any] = {
    "": gettext_lazy("Not recorded"),
    SeatState.PASSED: SeatState.PASSED.label,
    SeatState.FAILED: SeatState.FAILED.label,
}
LENGTHS = (30, 45, 60, 90, 120, 180, 240)


class SessionChangeForm(Styled, MomentsForm):
    """When, where, by whom and for how many a course is given."""

    instructor = forms.ChoiceField(label=gettext_lazy("Instructor"))
    start_time = MomentField(label=gettext_lazy("Start"))
    end_time = MomentField(label=gettext_lazy("End"))
    location = forms.CharField(label=gettext_lazy("Where"), max_length=150, required=False)
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=500)

    def __init__(
        self, *args: Any, course: Course, session: TrainingSession | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = {each.public_id: each.full_name for each in course.instructors.all()}
        field = self.fields["instructor"]
        if session is not None:
            people.setdefault(session.instructor.public_id, session.instructor.full_name)
            if session.booking_id is not None:
                field.disabled = True
                field.help_text = _(
                    "The instrument is booked for this person. For another instructor, call the "
                    "session off and plan a new one."
                )
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(key), name) for key, name in people.items()]

    @property
    def period(self) -> Period:
        """The typed time of a valid form."""
        return Period(self.cleaned_data["start_time"], self.cleaned_data["end_time"])

    @property
    def plan(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        return {
            "period": self.period,
            "instructor_id": UUID(self.cleaned_data["instructor"]),
            "location": self.cleaned_data["location"],
            "seats": self.cleaned_data["seats"],
        }


class SessionForm(SessionChangeForm):
    """The same for a new session, which may be on an instrument."""

    resource = ResourceField(
        label=gettext_lazy("On an instrument"),
        empty_label=gettext_lazy("On none"),
        required=False,
        help_text=gettext_lazy("It is booked for the instructor in the same step."),
    )

    def __init__(self, *args: Any, course: Course, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, course=course, **kwargs)
        wanted = [need.resource for need in course.required_by.all() if need.resource]
        on = self.fields["resource"]
        if isinstance(on, ResourceField):
            on.offer(
                actor=actor,
                code="training.manage",
                wanted=self["resource"].value() or (wanted[0].code if wanted else ""),
            )
            # Instructors without that permission give it on what asks for it.
            known = {each.code: each for each in wanted if each.code not in on.known}
            if known:
                on.known |= known
                on.groups += [(_("Asks for it"), [(c, each.name) for c, each in known.items()])]
                on.name_nothing(on.empty_label)

    @property
    def plan(self) -> dict[str, Any]:
        """What the service takes, of a valid form."""
        resource = self.cleaned_data["resource"]
        return {**super().plan, "resource_id": resource.public_id if resource else None}


class PlaceForm(Styled, forms.Form):
    """Somebody who is to have a place."""

    user = PersonField(label=gettext_lazy("Person"))


class ResultsForm(Styled, forms.Form):
    """What came of each person of a session: two or three fields a line."""

    def __init__(
        self,
        *args: Any,
        session: TrainingSession,
        seats: tuple[TrainingSeat, ...],
        reader: User,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seats = [seat for seat in seats if seat.user_id != reader.pk]
        has_mark = session.course.pass_mark is not None
        for seat in self.seats:
            key = seat.user.public_id
            words = {"": _("By score"), **_ABSENT} if has_mark else {**_OUTCOMES, **_ABSENT}
            shown = seat.state if seat.state in words else ""
            self.fields[f"outcome_{key}"] = forms.ChoiceField(
                choices=list(words.items()),
                required=False,
                initial=shown,
                label=_("Result of %(user)s") % {"user": seat.user},
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"score_{key}"] = forms.IntegerField(
                required=False,
                initial=seat.score,
                label=_("Score of %(user)s in percent") % {"user": seat.user},
                widget=forms.NumberInput(
                    attrs={"class": "form-control", "min": 0, "max": 100, "inputmode": "numeric"}
                ),
            )
            self.fields[f"note_{key}"] = forms.CharField(
                required=False,
                max_length=300,
                initial=seat.note,
                label=_("Note about %(user)s") % {"user": seat.user},
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    @property
    def lines(
        self,
    ) -> list[tuple[TrainingSeat, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Each place with its fields."""
        return [
            (
                seat,
                self[f"outcome_{seat.user.public_id}"],
                self[f"score_{seat.user.public_id}"],
                self[f"note_{seat.user.public_id}"],
            )
            for seat in self.seats
        ]

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the service takes: the lines in which something was recorded."""
        found = []
        for seat in self.seats:
            key = seat.user.public_id
            outcome, score = self.cleaned_data[f"outcome_{key}"], self.cleaned_data[f"score_{key}"]
            if outcome or score is not None:
                found.append(
                    {
                        "user_id": key,
                        "outcome": SeatState(outcome) if outcome else None,
                        "score": score,
                        "note": self.cleaned_data[f"note_{key}"],
                    }
                )
        return found


class PassForm(Styled, forms.Form):
    """A pass without a session."""

    user = PersonField(label=gettext_lazy("Person"))
    passed_on = forms.DateField(
        label=gettext_lazy("Passed on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    score = forms.IntegerField(
        label=gettext_lazy("Score in percent"), min_value=0, max_value=100, required=False
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def clean_passed_on(self) -> object:
        """A day that can be meant."""
        day = self.cleaned_data["passed_on"]
        if not EARLIEST_YEAR <= day.year < LATEST_YEAR:
            raise ValidationError(_("This year cannot be meant."))
        return day


class RevokeForm(Styled, forms.Form):
    """Why a certificate is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason, for its person to read"), max_length=300)


class QualificationFilterForm(Styled, forms.Form):
    """Whose certificates, of which course, in which state."""

    q = forms.CharField(label=gettext_lazy("Person or number"), max_length=100, required=False)
    course = forms.UUIDField(label=gettext_lazy("Course"), required=False, widget=forms.Select)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("valid", gettext_lazy("Valid")),
            ("ending", gettext_lazy("Ends soon")),
            ("expired", gettext_lazy("Expired")),
            ("revoked", gettext_lazy("Taken back")),
        ],
    )

    def __init__(self, *args: Any, courses: list[Course], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].widget = forms.Select(
            attrs={"class": "form-select"},
            choices=[("", _("All")), *((str(each.public_id), each.title) for each in courses)],
        )


class MatchForm(Styled, forms.Form):
    """In what, with whom, for whom and for how long somebody is to be trained."""

    course = forms.ChoiceField(label=gettext_lazy("Course"))
    trainer = forms.ChoiceField(label=gettext_lazy("Trainer"), required=False)
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("How long"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self,
        *args: Any,
        courses: list[Course],
        trainers: list[User],
        may_ask_for_others: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("course", [(str(each.public_id), each.title) for each in courses]),
            (
                "trainer",
                [("", _("Whoever is free")), *((str(e.public_id), e.full_name) for e in trainers)],
            ),
            ("minutes", [(n, _("%(n)s minutes") % {"n": n}) for n in LENGTHS]),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        if may_ask_for_others:
            self.fields["user"] = PersonField(
                label=_("Who is trained"),
                required=False,
                help_text=_("A user name or e-mail address; empty is you."),
            )
            self.fields["user"].widget.attrs["class"] = "form-control"
