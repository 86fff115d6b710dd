"""Classes of a package, found by importing all of it."""

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any


def classes_in(base: type[Any], *packages: ModuleType) -> set[type[Any]]:
    """The classes below a base that the modules of the packages define."""
    found: set[type[Any]] = set()
    for package in packages:
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(each.name)
            for _name, thing in inspect.getmembers(module, inspect.isclass):
                if issubclass(thing, base) and thing.__module__ == module.__name__:
                    found.add(thing)
    return found
