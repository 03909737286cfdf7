"""Coefficients of thousands of terms as text: what Python's parser still takes."""

import derive


def test_a_long_sum_is_read_back():
    """(a + b + c + d)^30 has 5456 terms; unbroken, Python's compiler gives up, and sympify with it."""
    flow = derive.Flow(
        derive.Ensemble(["w", "m"]),
        readouts={"z": "(a + b - c + d)**30 w' R w"},
        velocity={"w": "m"},
        parameters={"a": "1", "b": "1", "c": "1", "d": "1"},
    )
    text = derive.expand(flow, 1).readouts["z"].text(0)
    assert text.count("**") > 5456
    assert eval(text, {"a": 3, "b": 5, "c": 7, "d": 1}) == 2**30
