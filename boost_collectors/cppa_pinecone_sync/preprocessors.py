"""Finding a preprocessor by its dotted path."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.cppa_pinecone_sync.sync import PreprocessFn

PACKAGE = "boost_collectors"


def load_preprocessor(path: str, context: RunContext) -> PreprocessFn:
    """The callable of ``package.module.function``; paths of the earlier system are found below ``boost_collectors``.

    One that has a parameter ``context`` is given the run's. Raises CommandError saying what is wrong with the path.
    """
    module_name, _, name = path.rpartition(".")
    if not module_name or not name:
        raise CommandError(f"--preprocessor: {path!r} is not a dotted path such as package.module.function")
    function = getattr(_module(module_name, path), name, None)
    if function is None:
        raise CommandError(f"--preprocessor: the module {module_name!r} has no {name!r}")
    if not callable(function):
        raise CommandError(f"--preprocessor: {path!r} is not callable")
    return partial(function, context=context) if _takes_context(function) else function


def _module(name: str, path: str) -> Any:
    candidates = (name, f"{PACKAGE}.{name}")
    for candidate in candidates:
        try:
            return import_module(candidate)
        except ModuleNotFoundError as error:
            if not candidate.startswith(error.name or "\0"):
                raise CommandError(f"--preprocessor: importing {path!r} failed: {error}") from error
        except (ImportError, TypeError, ValueError) as error:
            raise CommandError(f"--preprocessor: importing {path!r} failed: {error}") from error
    raise CommandError(f"--preprocessor: there is no module {name!r} ({path})")


def _takes_context(function: Callable[..., Any]) -> bool:
    return "context" in inspect.signature(function).parameters
