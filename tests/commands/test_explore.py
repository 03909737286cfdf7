"""``derive explore`` in a real browser: what stands on the screen is what Python computes."""

import html
import json
import re
import shutil
import subprocess

import pytest
from in_process import derive_here, run_here

from derive import FixedPointTask, expand, limit
from derive.cli import main
from derive.radius.trust import radius

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no chromium")]
ACCURACY = 1e-6  # stated on the page
LOG = "CONSOLE"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    assert derive_here("explore", "--out", path).returncode == 0
    return path


def shown(page, setting):
    """The page after everything is drawn, without an error on the console."""
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    command += ["--virtual-time-budget=20000", "--dump-dom", f"file://{page}#{setting}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert LOG not in done.stderr, done.stderr
    return done.stdout


def table(text):
    rows = re.findall(r"<tr>(.*?)</tr>", text)
    return [[float(cell) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in rows[1:]]


def test_nothing_is_fetched(page):
    content = page.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=", content)
    assert "http" not in content.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("g", "zhat", "order", "size"), [(0.0, 1.0, 3, 64), (0.6, 2.0, 5, 1024), (0.9, 4.0, 8, 4096)]
)
def test_numbers_on_the_screen_are_those_of_python(page, g, zhat, order, size):
    text = shown(page, f"g={g}&zhat={zhat}&order={order}&N={size}")
    assert 'data-complete="' in text
    times, *columns = zip(*table(text), strict=True)
    scale = 1 / ((1 - g) * (1 + g)) ** 2
    exact = limit.curve(g, zhat, times)
    series = expand(FixedPointTask(), order).readout
    expected = [
        exact.readout,
        [series(t / scale, zhat, g) for t in times],
        exact.loss,
        exact.singular_values[:, 0],
        exact.singular_values[:, 1],
    ]
    for found, value in zip(columns, expected, strict=False):
        assert found == pytest.approx(value, rel=ACCURACY, abs=ACCURACY * zhat)
    summary = html.unescape(re.search(r'id="summary"[^>]*>(.*?)</p>', text)[1])
    learned, converges = map(float, re.findall(r"ttilde (?:=|below) ([\d.e-]+?)\.?[ ,]", summary + " ")[:2])
    assert learned == pytest.approx(scale * exact.learning.time_to(0.05), rel=1e-5)
    assert converges == pytest.approx(float(radius(zhat, g)), rel=0.01)


def test_the_band_is_the_predicted_deviation(page):
    text = shown(page, "g=0.6&zhat=0.5&order=3&N=256")
    rows = table(text)
    times = ",".join(repr(row[0]) for row in rows)
    done = run_here(
        main,
        *["derive", "curve", "--g", "0.6", "--zhat", "0.5", "--size", "256", "--format", "json", "--times"],
        times,
    )
    assert [row[-1] for row in rows] == pytest.approx(json.loads(done.stdout)["readout_std"], rel=1e-5)


def test_a_setting_outside_the_model_is_refused_with_a_sentence(page):
    text = shown(page, "g=1.2&zhat=1&colour=red")
    problem = html.unescape(re.search(r'id="problem"[^>]*>(.*?)</p>', text)[1])
    assert "g = 1.2: this page has g from 0 to 0.9 (the theory needs g < 1)." in problem
    assert "colour is no setting" in problem


def test_a_setting_between_the_steps_of_a_slider_is_said(page):
    text = shown(page, "g=0.605&order=2.5&N=1000&zhat=2")
    problem = html.unescape(re.search(r'id="problem"[^>]*>(.*?)</p>', text)[1])
    assert problem.count("the slider has steps") == 3
    assert "N = 1000: the slider has steps, 1024 is shown." in problem
    assert 'aria-valuetext="1024"' in text  # not the exponent, which the slider holds


def test_a_band_wider_than_the_curve_does_not_flatten_it(page):
    """At g = 0.9, zhat = 4, N = 64 leading order says some thousand on the steep part."""
    text = shown(page, "g=0.9&zhat=4&order=8&N=64")
    assert max(row[-1] for row in table(text)) > 4
    picture = re.search(r'<svg[^>]*aria-label="readout z.*?</svg>', text)[0]
    ticks = [float(tick) for tick in re.findall(r'text-anchor="end">(.*?)<', picture)]
    assert 4 <= max(ticks) <= 8
