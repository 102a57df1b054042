"""Every setting of the project. The only place that reads the environment."""

from boost_collectors.core.settings.kinds import PROJECT_ROOT
from boost_collectors.core.settings.model import Settings, Variable, known_variables

__all__ = ["PROJECT_ROOT", "Settings", "Variable", "known_variables"]
