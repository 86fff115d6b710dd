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


@pytest.mark.race
def test_a_small_race_has_the_right_winners() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "race", "--rounds", "3", "--clients", "6"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    firm = [line.split() for line in done.stdout.splitlines() if line.endswith("ok")]
    assert len(firm) == 2 * 6 + 1
    assert "FAILED" not in done.stdout


@pytest.mark.race
def test_a_small_storm_keeps_nobody_out_and_roles_cost_no_statements() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "login", "storm", "may", "--quick", "--logins", "60"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            # The least that is allowed: the storm is about who gets in.
            "PASSWORD_ITERATIONS": "600000",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    lines = [re.split(r" {2,}", line.strip()) for line in done.stdout.splitlines()]
    found = {words[0]: words[1] for words in lines if len(words) > 1}
    assert found["wrong log-ins"] == "60"
    assert int(found["whose password was looked at"]) + int(found["turned away before that"]) == 60
    assert [words[1] for words in lines if words[0] == "refused"] == ["0", "0"]
    assert float(found["log-in : hash"]) > 1
    assert "FAILED" not in done.stdout


@pytest.mark.race
def test_a_small_trial_looks_at_every_booking() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "trials", "--rows", "1500"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    lines = [re.split(r" {2,}", line.strip()) for line in done.stdout.splitlines()]
    found = {words[0]: words[1] for words in lines if len(words) > 1}
    assert found["not looked at"] == "0"
    assert int(found["bookings replayed, twice each"].replace(",", "")) > 1000
    assert found["time"].endswith(" s")
    assert found["bookings"].endswith(" /s")
    assert "FAILED" not in done.stdout


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
