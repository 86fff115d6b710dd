"""The benchmarks' command line: `./dev bench [names…] [--rows N] [--quick]`."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
django.setup()

from bench import create, databases, live, login, may, pages, race, reads, storm, telling, trials  # noqa: E402 - they import models
from bench.figures import Figure, table  # noqa: E402
from bench.plan import Plan, quick  # noqa: E402

READS = ("calendar", "find_time")
WHOLE = {
    "pages": pages.run,
    "login": login.run,
    "storm": storm.run,
    "may": may.run,
    "trials": trials.run,
    "live": live.run,
    "telling": telling.run,
}
# It starts servers that it may kill.
ALONE = {"telling"}
NAMES = ("race", "create", *READS, *WHOLE)


def main(arguments: list[str]) -> int:
    """Run the chosen benchmarks and print their figures; 1 if a firm one breaks its limit."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of {', '.join(NAMES)}; all")
    parser.add_argument("--rows", type=int, help="bookings in the large lab (1,000,000)")
    parser.add_argument("--clients", type=int, help="rivals in the race (20)")
    parser.add_argument("--rounds", type=int, help="rounds of each race (50)")
    parser.add_argument("--logins", type=int, help="wrong log-ins of the storm (10,000)")
    parser.add_argument("--sockets", type=int, help="open pages (1,000)")
    parser.add_argument("--events", type=int, help="events to tell by three channels (10,000)")
    parser.add_argument("--quick", action="store_true", help="less of everything")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    plan = quick() if asked.quick else Plan()
    options = ("rows", "clients", "rounds", "logins", "sockets", "events")
    given = {name: getattr(asked, name) for name in options}
    plan = replace(plan, **{name: value for name, value in given.items() if value})
    failed = 0
    names = asked.names or list(NAMES)
    with databases.prepared() if set(names) - ALONE else nullcontext():
        for title, measure in _chosen(names):
            begun = time.perf_counter()
            figures = measure(plan)
            took = time.perf_counter() - begun
            print(f"{table(f'{title} ({took:.0f} s)', figures)}\n", flush=True)
            failed += sum(figure.verdict == "FAILED" for figure in figures)
    if failed:
        print(f"{failed} firm limits are broken.")
    return 1 if failed else 0


def _chosen(names: list[str]) -> list[tuple[str, Callable[[Plan], list[Figure]]]]:
    found: list[tuple[str, Callable[[Plan], list[Figure]]]] = []
    if "race" in names:
        found.append(("race", race.run))
    if "create" in names:
        found.append(("create", create.run))
    if wanted := [name for name in READS if name in names]:
        # They share their labs: filling these takes longer than the measuring.
        found.append((", ".join(wanted), lambda plan: reads.run(plan, wanted)))
    return [*found, *((name, run) for name, run in WHOLE.items() if name in names)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
