"""What the simulated GitLab serves, one module for each kind of thing; every module has a list `routes`."""

from __future__ import annotations

import importlib
import pkgutil

from wizard.sandbox.routing import Route


def all_routes() -> list[Route]:
    """Return the routes of every module in this package."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [route for module in modules for route in getattr(module, "routes", [])]
