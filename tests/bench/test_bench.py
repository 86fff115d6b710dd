"""The benchmarks judge rightly, and their race and storm run from end to end."""

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from bench.figures import Figure, table
from bench.receivers import Arrivals
from bench.scenarios import Scenario, judge_answers
from bench.server import Answer
from bench.telling import judge
from labitory.ops.embedded import ROOT

HELP: dict[str, Any] = {"errors": [{"repairs": [{"kind": "later"}]}]}
WON = Answer(status=201, body={}, ms=1)
LOST = Answer(status=409, body=HELP, ms=1)


def nobody(day: datetime) -> list[Any]:
    """A scenario that is only judged asks for nothing."""
    return []


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ([WON, LOST, LOST], []),
        ([LOST, LOST], ["0 won, not 1"]),
        ([WON, WON, LOST], ["2 won, not 1"]),
        ([WON, Answer(status=500, body=HELP, ms=1)], ["answers with [500]"]),
        ([WON, Answer(status=409, body={"errors": [{}]}, ms=1)], ["1 losers without repairs"]),
        ([WON, Answer(status=409, body={}, ms=1)], ["1 losers without repairs"]),
    ],
)
def test_a_round_is_judged(answers: list[Answer], problems: list[str]) -> None:
    scenario = Scenario(name="a slot", wins=1, asks=nobody, resources=[])
    assert judge_answers(scenario, answers) == problems


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure(name="free", value=7), ""),
        (Figure(name="good", value=7, most=7), "ok"),
        (Figure(name="slow", value=8, most=7), "OVER"),
        (Figure(name="few", value=1, least=2, most=3), "OVER"),
        (Figure(name="wrong", value=1, most=0, firm=True), "FAILED"),
    ],
)
def test_a_figure_is_judged_by_its_limit(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


@pytest.mark.parametrize(
    ("arrived", "is_exact", "verdicts"),
    [
        (["a", "b"], True, ["ok", "ok", "ok"]),
        (["a", "a", "b"], True, ["ok", "ok", "FAILED"]),
        (["a", "a", "b"], False, ["ok", "ok", "ok"]),
        (["a"] * 8 + ["b"], False, ["ok", "ok", "FAILED"]),
        (["a"], False, ["FAILED", "ok", "ok"]),
        (["a", "b", "c"], False, ["ok", "FAILED", "ok"]),
    ],
)
def test_telling_is_judged_by_what_arrived(
    arrived: list[str], is_exact: bool, verdicts: list[str]
) -> None:
    found = Arrivals(counts=Counter(arrived))
    different, *firm = judge("mails", ["a", "b"], found, is_exact=is_exact)
    assert different.value == len({"a", "b"} & set(arrived))
    assert [each.verdict for each in firm] == verdicts


def test_figures_print_in_columns() -> None:
    figures = [
        Figure(name="time", value=1234.5, unit="ms", most=2000),
        Figure(name="share", value=0.45678, least=0.5),
    ]
    assert table("title", figures).splitlines() == [
        "title",
        "  time   1,234 ms  <= 2,000  ok",
        "  share     0.457  >= 0.5    OVER",
    ]


@pytest.fixture(scope="module")
def printed() -> dict[str, list[list[str]]]:
    """The figures of each benchmark, in columns, of one small run: its database is dear."""
    names = ["race", "login", "storm", "may", "trials"]
    small = ["--quick", "--rounds", "3", "--clients", "6", "--logins", "30", "--rows", "1500"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *names, *small],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            # The least that is allowed: the storm is about who gets in.
            "PASSWORD_ITERATIONS": "600000",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    parts = [part.splitlines() for part in done.stdout.strip().split("\n\n")]
    return {
        lines[0].split(" ")[0]: [re.split(r" {2,}", line.strip()) for line in lines[1:]]
        for lines in parts
    }


def found_in(rows: list[list[str]]) -> dict[str, str]:
    """Each figure's value by its name."""
    return {row[0]: row[1] for row in rows}


@pytest.mark.race
def test_a_small_race_has_the_right_winners(printed: dict[str, list[list[str]]]) -> None:
    firm = [row for row in printed["race"] if row[-1] == "ok"]
    assert len(firm) == 2 * 6 + 1


@pytest.mark.race
def test_a_small_storm_keeps_nobody_out_and_roles_cost_no_statements(
    printed: dict[str, list[list[str]]],
) -> None:
    storm = found_in(printed["storm"])
    assert storm["wrong log-ins"] == "30"
    assert int(storm["whose password was looked at"]) + int(storm["turned away before that"]) == 30
    refused = [
        row[1] for name in ("login", "storm") for row in printed[name] if row[0] == "refused"
    ]
    assert refused == ["0", "0"]
    assert float(found_in(printed["login"])["log-in : hash"]) > 1
    assert printed["may"]


@pytest.mark.race
def test_a_small_trial_looks_at_every_booking(printed: dict[str, list[list[str]]]) -> None:
    trials = found_in(printed["trials"])
    assert trials["not looked at"] == "0"
    assert int(trials["bookings replayed, twice each"].replace(",", "")) > 1000
    assert trials["time"].endswith(" s")
    assert trials["bookings"].endswith(" /s")


def test_an_unknown_benchmark_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "fly"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no benchmark is called fly" in done.stderr
