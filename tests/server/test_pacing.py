"""What of an answer leaves when: parts, waits, rates, by a clock in hand."""

from __future__ import annotations

from itertools import pairwise

from pymockapi.server.pacing import MAX_SLICE_BYTES, SLICE_S, Course
from pymockapi.server.parts import Part


def drain(course: Course, now: float = 0.0) -> list[tuple[float, bytes]]:
    """Return what leaves of a course whose client reads at once, with the time of each write."""
    left = []
    while not course.is_over or now < course.due:
        now = max(now, course.due)
        if data := course.take(now):
            left.append((round(now, 9), data))
    return left


def test_parts_leave_in_order_each_in_a_write_of_its_own() -> None:
    assert drain(Course([Part(b"a"), Part(b"b")], 0.0)) == [(0.0, b"a"), (0.0, b"b")]


def test_a_part_leaves_with_what_is_before_and_after_it() -> None:
    assert drain(Course([Part(b"a", before=b"<", after=b">")], 0.0)) == [(0.0, b"<a>")]


def test_a_part_waits_from_when_the_one_before_it_left() -> None:
    course = Course([Part(b"a"), Part(b"b", 2.0)], 10.0)
    assert course.take(13.0) == b"a"
    assert course.take(14.9) == b""
    assert course.take(15.0) == b"b"
    assert course.is_over


def test_an_empty_part_is_not_written_but_what_follows_waits_for_it() -> None:
    assert drain(Course([Part(b"a"), Part(b"", 1.0), Part(b"b", 0.5)], 0.0)) == [
        (0.0, b"a"),
        (1.5, b"b"),
    ]


def test_a_course_that_ends_with_an_empty_part_is_due_when_that_is() -> None:
    course = Course([Part(b"a"), Part(b"", 1.0)], 0.0)
    assert course.take(0.0) == b"a"
    assert (course.is_over, course.due) == (True, 1.0)


def test_a_course_of_nothing_is_over() -> None:
    course = Course([], 5.0)
    assert (course.is_over, course.due, course.take(9.0)) == (True, 5.0, b"")


def test_a_throttled_body_is_never_ahead_of_its_rate_and_arrives_on_time() -> None:
    left = drain(Course([Part(b"", before=b"head"), Part(b"x" * 1_000)], 0.0, rate=1_000.0))
    assert left[0] == (0.0, b"head")
    came = 0
    for at, data in left[1:]:
        came += len(data)
        assert came <= at * 1_000 + 1e-6
    assert (came, left[-1][0]) == (1_000, 1.0)


def test_slices_of_a_throttled_body_are_as_long_as_a_timer_takes() -> None:
    left = drain(Course([Part(b"x" * 1_000)], 0.0, rate=1_000.0))
    assert {len(data) for _, data in left} == {int(1_000 * SLICE_S)}
    assert all(round(later - at, 9) == SLICE_S for (at, _), (later, _) in pairwise(left))


def test_a_slow_body_leaves_byte_by_byte() -> None:
    assert drain(Course([Part(b"abc")], 0.0, rate=1.0)) == [(1.0, b"a"), (2.0, b"b"), (3.0, b"c")]


def test_what_frames_a_part_is_not_throttled() -> None:
    left = drain(Course([Part(b"ab", before=b"2\r\n", after=b"\r\n")], 0.0, rate=1.0))
    assert left == [(1.0, b"2\r\na"), (2.0, b"b\r\n")]


def test_a_throttled_part_waits_before_its_first_byte_is_under_way() -> None:
    assert drain(Course([Part(b"a"), Part(b"b", 5.0)], 0.0, rate=1.0)) == [(1.0, b"a"), (7.0, b"b")]


def test_a_client_that_did_not_read_gets_no_more_than_a_slice_at_once() -> None:
    course = Course([Part(b"x" * 100)], 0.0, rate=10.0)
    at_once = 0
    while course.take(60.0):
        at_once += 1
    assert at_once <= 2
    assert course.due > 60.0


def test_a_long_part_leaves_in_writes_of_bounded_size() -> None:
    left = drain(Course([Part(b"x" * (MAX_SLICE_BYTES + 1))], 0.0))
    assert [len(data) for _, data in left] == [MAX_SLICE_BYTES, 1]
