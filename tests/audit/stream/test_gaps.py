from hypothesis import given, settings
from hypothesis import strategies as st

from audit.stream import gaps


def test_a_key_divides_a_gap():
    assert gaps.without([(1, 9)], [1, 5, 9]) == [(2, 4), (6, 8)]


def test_keys_elsewhere_leave_gaps_alone():
    assert gaps.without([(3, 4), (8, 9)], [1, 6, 12]) == [(3, 4), (8, 9)]


@settings(deadline=None)  # other work on the machine may take longer
@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.integers(0, 60))
def test_gaps_are_exactly_the_keys_that_are_left_above_the_watermark(open_keys, delivered, settled):
    left = gaps.above(gaps.without([(key, key) for key in sorted(open_keys)], sorted(delivered)), settled)

    assert {key for first, last in left for key in range(first, last + 1)} == {
        key for key in open_keys - delivered if key > settled
    }
