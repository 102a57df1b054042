"""Exceptions without secrets, for logs: the same names, chain and traceback, other words."""

from __future__ import annotations

import traceback

from boost_collectors.core.redaction import Redactor


def has_secret(error: BaseException, redactor: Redactor) -> bool:
    """True if the error's traceback, its causes included, would show a secret."""
    text = "".join(traceback.format_exception(error))
    return redactor.redact(text) != text


def without_secrets(error: BaseException, redactor: Redactor) -> BaseException:
    """A stand-in that formats like ``error`` with the secrets taken out, or ``error`` itself if there are none.

    The stand-in has the name and the module of the error's class but not the class: it is to be shown, not caught.
    """
    return _stand_in(error, redactor, {}) if has_secret(error, redactor) else error


def _stand_in(error: BaseException, redactor: Redactor, done: dict[int, BaseException]) -> BaseException:
    if id(error) in done:
        return done[id(error)]
    kind = type(error)
    message = redactor.redact(_text_of(error))
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    stand_in: BaseException
    if isinstance(error, BaseExceptionGroup):
        parts = [_stand_in(part, redactor, done) for part in error.exceptions]
        stand_in = type(kind.__name__, (BaseExceptionGroup,), names)(redactor.redact(error.message), parts)
    else:
        stand_in = type(kind.__name__, (Exception,), names)(message)
    done[id(error)] = stand_in
    stand_in.__traceback__ = error.__traceback__
    stand_in.__cause__ = None if error.__cause__ is None else _stand_in(error.__cause__, redactor, done)
    stand_in.__context__ = None if error.__context__ is None else _stand_in(error.__context__, redactor, done)
    stand_in.__suppress_context__ = error.__suppress_context__
    for note in getattr(error, "__notes__", ()):
        stand_in.add_note(redactor.redact(str(note)))
    return stand_in


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<unprintable>"
