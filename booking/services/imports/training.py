"""Taking over what people have learnt elsewhere, or before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Course, Qualification
from booking.services._training import Passed, lab_day, require_score, write_qualification
from booking.services.imports.csv_files import Columns, CsvRow, rows_of
from booking.services.imports.plan import BadRow, Line, RowOutcome
from booking.services.imports.writing import Done, Lab, load_lab, write_rows
from labitory.lib.cells import read_cell

TRAINING_COLUMNS: Columns = (
    ("username", "course", "passed_on"),
    ("expires_on", "used_on", "score", "certificate", "note"),
)
EARLIEST_YEAR, LONGEST_NUMBER = 1980, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPass:
    """A course that somebody passed; without an end the course's validity counts."""

    name: str
    username: str
    course: str
    passed_on: date
    expires_on: date | None = None
    used_on: date | None = None
    score: int | None = None
    certificate: str = ""
    note: str = ""


def write_training(content: bytes, now: datetime) -> list[Line]:
    """Read the file and write each row; raises `BadRow` where it cannot be read as a whole."""
    wanted: list[WantedPass] = []
    bad: list[Line] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in rows_of(content, lambda _header: TRAINING_COLUMNS):
        try:
            each = _wanted(row, now)
            key = (each.username.lower(), each.course.lower(), each.passed_on)
            if key in seen:
                raise BadRow(_("The same as line %(n)s.") % {"n": seen[key]})
            seen[key] = row.line
            wanted.append(each)
        except BadRow as error:
            bad.append(Line(kind="pass", name=row.name, outcome=RowOutcome.BAD, detail=str(error)))
    lab = load_lab(now)
    courses = {course.title.lower(): course for course in Course.objects.all()}
    write_rows(lab, "pass", wanted, lambda lab, each: _write(lab, courses, each))
    return [*bad, *lab.lines]


def _wanted(row: CsvRow, now: datetime) -> WantedPass:
    if row.is_too_long:
        raise BadRow(_('It has more cells than the header: put text with commas in "".'))
    passed_on, expires_on = _day(row, "passed_on"), _day(row, "expires_on")
    used_on = _day(row, "used_on")
    if passed_on is None:
        raise BadRow(_("%(name)s is missing.") % {"name": "passed_on"})
    today = lab_day(now)
    if passed_on > today or (used_on is not None and used_on > today):
        raise BadRow(_("Nobody has passed or used anything in the future."))
    if expires_on is not None and expires_on < passed_on:
        raise BadRow(_("It expires before it was passed."))
    number = read_cell(row.text("certificate"))
    if len(number) > LONGEST_NUMBER:
        raise BadRow(_("certificate is longer than %(n)s letters.") % {"n": LONGEST_NUMBER})
    return WantedPass(
        name=row.name,
        username=read_cell(row.required("username")),
        course=read_cell(row.required("course")),
        passed_on=passed_on,
        expires_on=expires_on,
        used_on=used_on,
        score=row.number("score") if row.text("score") else None,
        certificate=number,
        note=read_cell(row.text("note")),
    )


def _write(lab: Lab, courses: dict[str, Course], wanted: WantedPass) -> Done:
    """One certificate; who has it already keeps it, whatever became of it since."""
    user = lab.user(wanted.username)
    course = courses.get(wanted.course.lower())
    if course is None:
        raise BadRow(_("There is no course %(name)s.") % {"name": wanted.course})
    require_score(wanted.score)
    held = Qualification.objects.filter(user=user, course=course, passed_on=wanted.passed_on)
    if held.exists():
        return RowOutcome.UNCHANGED, ""
    taken = Qualification.objects.filter(certificate=wanted.certificate)
    if wanted.certificate and (other := taken.select_related("user").first()):
        raise BadRow(
            _("The certificate number %(number)s belongs to %(user)s.")
            % {"number": wanted.certificate, "user": other.user.username}
        )
    return _certify(lab, user, course, wanted)


def _certify(lab: Lab, user: User, course: Course, wanted: WantedPass) -> Done:
    made = write_qualification(
        Passed(
            user=user,
            course=course,
            passed_on=wanted.passed_on,
            given_by=None,
            score=wanted.score,
            note=wanted.note,
            expires_on=wanted.expires_on,
            used_at=datetime.combine(wanted.used_on, time(12), UTC) if wanted.used_on else None,
            certificate=wanted.certificate,
        ),
        lab.now,
    )
    return RowOutcome.NEW, made.certificate


def _day(row: CsvRow, column: str) -> date | None:
    text = row.text(column)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not EARLIEST_YEAR <= day.year <= 2100:  # noqa: PLR2004 - what can be meant
        raise BadRow(
            _("%(name)s is no day: %(text)s. Write it as 2026-03-31.")
            % {"name": column, "text": text[:40]}
        )
    return day
