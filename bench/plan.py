"""How much a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The size of every benchmark; the defaults are those of the limits."""

    rows: int = 1_000_000
    small_rows: int = 20_000
    clients: int = 20
    rounds: int = 50
    seconds: float = 1.5
    repeats: int = 7
    runs: int = 30
    logins: int = 10_000
    sockets: int = 1000
    events: int = 10_000


def quick() -> Plan:
    """Less of everything, in under a minute."""
    return Plan(
        rows=50_000,
        rounds=5,
        seconds=0.5,
        repeats=2,
        runs=5,
        logins=500,
        sockets=100,
        events=300,
    )
