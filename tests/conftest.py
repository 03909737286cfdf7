"""One thread for numerics, as tests run in a process for each core; what the quick ones cost is told."""

import os

import hypothesis
import pytest

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# no test depends on how busy the machine is
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

COST = "processor seconds"
START = pytest.StashKey[float]()


def spent():
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    item.stash[START] = spent()  # fixtures count with the first test that asks for them
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    finally:
        item.user_properties.append((COST, spent() - item.stash[START]))


def pytest_terminal_summary(terminalreporter):
    reports = [r for r in terminalreporter.stats.get("passed", []) if "slow" not in r.keywords]
    costs = sorted(((dict(r.user_properties).get(COST, 0.0), r.nodeid) for r in reports), reverse=True)
    total = sum(cost for cost, _ in costs)
    terminalreporter.write_line(
        f"not marked slow: {len(costs)} tests, {total:.0f} s of processor time; "
        f"all of this run took {spent():.0f} s; longest:"
    )
    for cost, name in costs[:5]:
        terminalreporter.write_line(f"{cost:6.1f} s  {name}")
