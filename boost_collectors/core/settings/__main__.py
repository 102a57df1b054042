"""``python -m boost_collectors.core.settings``: write ``.env.example`` and ``docs/settings.md`` anew."""

import sys

from boost_collectors.core.settings.reference import write_all

for path in write_all():
    sys.stdout.write(f"wrote {path}\n")
