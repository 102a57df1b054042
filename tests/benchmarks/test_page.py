"""What benchmarks measured: kept by command, written as a page, guarded against falling."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import _guard, _page, _results
from benchmarks.__main__ import main
from benchmarks._results import Machine, Result
from benchmarks.figures import Figure

MACHINE = Machine(cores=2, processor="Some processor", memory_gib=24)
SPEED = Figure("speed", "speed", 40.0, at_least=10, baseline="pandoc")
RATE = Figure("pages", "pages a second", 278.4, "pages/s", baseline="pandoc", baseline_value=6.3, better="more")
SLOW = Figure("second", "second sync | again", 6.01, "s", at_most=2)


def result(benchmark: str = "docs_pages", *figures: Figure, sizes: str = "", trouble: str = "") -> Result:
    command = f"{sizes}python -m benchmarks {benchmark}"
    return Result(benchmark, command, "2026-11-27", "abc1234", MACHINE, 1.5, 12, figures, trouble)


@pytest.mark.parametrize(
    ("figure", "ratio"),
    [
        (SPEED, 40.0),
        (replace(RATE, value=12.6), 2.0),
        (Figure("points", "points", 10, "", at_most=60, baseline="earlier system", baseline_value=3010), 301.0),
        (Figure("points", "points", 0, "", at_most=60, baseline="earlier system", baseline_value=3010), None),
        (SLOW, None),
        (Figure("lines", "lines", 7, "", at_least=7, at_most=7, baseline="git", baseline_value=7), None),
    ],
)
def test_a_ratio_says_how_many_times_better_than_the_baseline(figure: Figure, ratio: float | None) -> None:
    assert figure.ratio == ratio


@pytest.mark.parametrize(
    ("unit", "better", "guarded"),
    [
        *(("x", "more", True), ("MB", "less", True), ("", "less", True), ("", "", False)),
        *(("s", "less", False), ("ms", "less", False), ("pages/s", "more", False)),
    ],
)
def test_figures_by_the_clock_are_not_guarded(unit: str, better: str, guarded: bool) -> None:
    assert Figure("key", "name", 1.0, unit, better=better).is_guarded is guarded  # type: ignore[arg-type]


def test_a_result_takes_the_place_of_the_last_one_of_its_command(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    small, large = result("docs_pages", SPEED), result("docs_pages", SPEED, sizes="X_BENCHMARK_SIZE=9 ")
    _results.keep(small, file)
    _results.keep(large, file)
    better = result("docs_pages", replace(SPEED, value=50.0))
    assert _results.keep(better, file) == _results.kept(file) == [large, better]


def test_a_try_that_gave_no_figures_keeps_those_of_the_last_one_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    _results.keep(result("docs_pages", SPEED), file)
    (kept,) = _results.keep(result("docs_pages", trouble="not measured on 2026-11-28: there is no pandoc"), file)
    assert kept.figures == (SPEED,)
    assert kept.trouble == "not measured on 2026-11-28: there is no pandoc"
    (again,) = _results.keep(result("docs_pages", RATE), file)
    assert (again.figures, again.trouble) == ((RATE,), "")


def test_a_command_names_the_sizes_that_are_set() -> None:
    given = {"HOME": "/root", "B_BENCHMARK_SIZE": "7", "A_BENCHMARK_SIZE": "9"}
    assert _results.command_line("scale", given) == "A_BENCHMARK_SIZE=9 B_BENCHMARK_SIZE=7 python -m benchmarks scale"


def test_the_page_shows_every_figure_and_those_that_are_missed() -> None:
    page = _page.render(
        [result("docs_pages", SPEED, RATE), result("vector_sync", SLOW, trouble="failed on 2026-11-28: OSError")]
    )
    assert "**1 of 2 figures that have a bound keep it.** Missed are:" in page
    assert "| vector_sync: second sync \\| again | at most 2 | 6.01 s | `python -m benchmarks vector_sync` |" in page
    assert "| speed | at least 10 | pandoc | 40 x | 40 | yes |" in page
    assert "| pages a second | - | pandoc: 6.3 pages/s | 278 pages/s | 44.2 | - |" in page
    assert "`python -m benchmarks docs_pages`: 2026-11-27, load 1.5, took 12 s, commit abc1234." in page
    assert "Last try: failed on 2026-11-28: OSError." in page
    assert "Machine: 2 cores of Some processor, 24 GiB." in page
    assert "### slack_import\n" in page


def test_the_page_is_that_of_the_kept_results() -> None:
    kept = _page.render(_results.kept())
    assert _page.PAGE.read_text(encoding="utf-8") == kept, "python -m benchmarks --page writes it anew"


def test_every_benchmark_has_its_place_on_the_page() -> None:
    found = {path.stem for path in _page.FOLDER.glob("[a-z]*.py") if "\ndef run(" in path.read_text(encoding="utf-8")}
    assert found == set(_page.benchmarks())
    assert all(_page.prose(name)[0] for name in found)


@pytest.mark.parametrize(
    ("figure", "value", "fell"),
    [
        (SPEED, 50.0, False),
        (SPEED, 50.1, True),
        (replace(SLOW, unit="MB"), 4.9, False),
        (replace(SLOW, unit="MB"), 4.7, True),
        (Figure("rewritten", "rows", 0, "", at_most=0), 0, False),
        (Figure("rewritten", "rows", 1, "", at_most=0), 0, True),
    ],
)
def test_a_figure_that_is_worse_by_more_than_a_quarter_has_fallen(figure: Figure, value: float, fell: bool) -> None:
    measured = result("docs_pages", figure)
    assert bool(list(_guard.fallen([measured], {measured.command: {figure.key: value}}))) is fell


def test_a_figure_that_is_not_measured_any_more_has_fallen_but_a_benchmark_that_cannot_run_has_not() -> None:
    values = {"python -m benchmarks docs_pages": {"speed": 40.0}}
    assert list(_guard.fallen([result("docs_pages", RATE)], values)) == [
        "docs_pages: speed is not measured any more, it was 40"
    ]
    assert list(_guard.fallen([result("docs_pages", trouble="there is no pandoc")], values)) == []


def test_accepting_keeps_guarded_figures_only_and_other_commands(tmp_path: Path) -> None:
    file = tmp_path / "baselines.json"
    _guard.accept([result("docs_pages", SPEED, RATE)], file)
    _guard.accept([result("vector_sync", SLOW, replace(SPEED, key="splitting"))], file)
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "python -m benchmarks docs_pages": {"speed": 40.0},
        "python -m benchmarks vector_sync": {"splitting": 40.0},
    }


def test_nothing_that_is_kept_has_fallen() -> None:
    assert _guard.accepted()
    assert main(["--check"]) == 0


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SystemExit, match="no benchmark is called nothing; there are: bulk_writer, "):
        main(["nothing", "--write"])
