"""Whether a page keeps the rules of accessibility that a program can check."""

from __future__ import annotations

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# The rules of WCAG A and AA. The stylesheet is not fetched again, which axe cannot do from a disk.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}


def assert_accessible(page: Page) -> None:
    """Fails with what breaks a rule, and when contrast was not looked at."""
    found = Axe().run(page, options=RULES)
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found.response["violations"]]
    assert told == [], json.dumps(told, indent=1)
    assert "color-contrast" in {each["id"] for each in found.response["passes"]}
