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
    if not has_secret(error, redactor):
        return error
    stand_in = _Copier(redactor).copy(error)
    # A traceback shows source lines too, and a secret may be written there.
    return _Copier(redactor, tracebacks=False).copy(error) if has_secret(stand_in, redactor) else stand_in


class _Copier:
    def __init__(self, redactor: Redactor, *, tracebacks: bool = True) -> None:
        self._redact = redactor.redact
        self._tracebacks = tracebacks
        self._done: dict[int, BaseException] = {}

    def copy(self, error: BaseException) -> BaseException:
        if id(error) in self._done:
            return self._done[id(error)]
        copy = self._done[id(error)] = self._alone(error)
        copy.__traceback__ = error.__traceback__ if self._tracebacks else None
        copy.__cause__ = None if error.__cause__ is None else self.copy(error.__cause__)
        copy.__context__ = None if error.__context__ is None else self.copy(error.__context__)
        copy.__suppress_context__ = error.__suppress_context__
        for note in getattr(error, "__notes__", ()):
            copy.add_note(self._redact(str(note)))
        return copy

    def _alone(self, error: BaseException) -> BaseException:
        kind = type(error)
        names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
        if isinstance(error, BaseExceptionGroup):
            group: type[BaseExceptionGroup[BaseException]] = type(kind.__name__, (BaseExceptionGroup,), names)
            return group(self._redact(error.message), [self.copy(part) for part in error.exceptions])
        plain: type[BaseException] = type(kind.__name__, (Exception,), names)
        return plain(self._redact(_text_of(error)))


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<unprintable>"
