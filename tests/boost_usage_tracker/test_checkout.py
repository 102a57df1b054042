"""Looking into a repository by git."""

from __future__ import annotations

import subprocess
import threading
import tracemalloc
from pathlib import Path

from boost_collectors.boost_usage_tracker.checkout import Checkout, scan
from boost_collectors.core.git_hosting import Hosting

FILE = 200_000
"""Bytes of a file."""


def publish(place: Path, files: int) -> None:
    """A repository of large sources and manifests, all different, as a host that serves parts of repositories."""
    git = ["git", "-C", str(place)]
    place.mkdir(parents=True)
    subprocess.run([*git, "init", "--quiet", "--bare", "--initial-branch=main"], check=True)
    for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        subprocess.run([*git, "config", name, "true"], check=True)
    stream = [b"commit refs/heads/main\ncommitter a <a@example.org> 1700000000 +0000\ndata 0\n"]
    for number in range(files):
        for path, head in ((f"{number}.hpp", "#include <boost/any.hpp>"), (f"{number}/CMakeLists.txt", "# boost")):
            content = f"{head} // {number}\n".encode() + b"x" * FILE
            stream.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
    subprocess.run([*git, "fast-import", "--quiet"], input=b"".join(stream), check=True)


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    peaks = []
    for files in (4, 24):
        publish(tmp_path / "host" / "ada" / f"{files}.git", files)
        hosting = Hosting.at(f"file://{tmp_path}/host", "")
        checkout = Checkout(tmp_path / f"{files}.git", f"ada/{files}", hosting, threading.Event())
        commit = checkout.head()
        tracemalloc.start()
        try:
            found = scan(checkout, commit, dated=False)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert len(found.files) == files
    # The 40 files that the larger one has more are 8 MB together.
    assert peaks[1] < peaks[0] + 10 * FILE
