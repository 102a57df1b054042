"""What can go wrong, by what the caller should do about it, and how any exception is classified."""

from boost_collectors.core.errors.classification import CollectorFailureCategory, classify_failure, retry_may_help
from boost_collectors.core.errors.tree import (
    AlreadyRunning,
    AuthenticationError,
    CollectionSkipped,
    CollectorError,
    CommandError,
    ConfigurationError,
    NetworkError,
    NotFoundError,
    PermanentError,
    RateLimited,
    SourceError,
    TransientError,
)

__all__ = [
    "AlreadyRunning",
    "AuthenticationError",
    "CollectionSkipped",
    "CollectorError",
    "CollectorFailureCategory",
    "CommandError",
    "ConfigurationError",
    "NetworkError",
    "NotFoundError",
    "PermanentError",
    "RateLimited",
    "SourceError",
    "TransientError",
    "classify_failure",
    "retry_may_help",
]
