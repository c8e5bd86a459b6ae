"""Outages of servers and vessels, by hand: fixed times to a failure and of repair. Times in hours."""

from __future__ import annotations

from harness import simulate
from sea import flow, sea


def desk(outages, times, *, servers=1, service="4 h", timeline="", still=()):
    """Run a desk; what stands still is closed by a storm that stops handling."""
    at = ", ".join(f"{time} h" for time in times)
    text = f"""
clock: {{start: 2024-01-01, length: 100 h}}
places: {{x: {{}}}}
facilities:
  desk: {{at: x, servers: {servers}, service: {service}, outages: {outages}}}
routes: {{r: {{from: x, direction: west, steps: [desk]}}}}
flows:
  f: {{consignment: {{TEU: 1}}, arrivals: {{timetable: {{at: [{at}]}}}}, choice: {{shares: {{r: 1}}}}}}
{timeline}
"""
    if not still:
        return simulate(text)
    storm = "closures: {storm: {facilities: [desk], share_closed: 0.1, lasts: 5 h, stops_handling: true}}\n"
    return simulate(text + storm, closed={"facility/desk": still}, still={"facility/desk": still})


def outages(every, lasts, more=""):
    return f"{{every: {{mean: {every} h, shape: fixed}}, lasts: {{mean: {lasts} h, shape: fixed}}{more}}}"


def test_working_time_counts_work_only_and_the_job_in_hand_is_finished():
    # Fails after 6 h of work. The job 0-4 uses 4 h, idle time none, so the failure falls due at 12 in the job
    # 10-14: down 14-17. The clock begins anew: 17-21 uses 4 h, and the next is due in the job 30-34.
    run = desk(outages(6, 3), [0, 10, 15, 30])
    assert run.at("desk").started == [0, 10, 17, 30]
    assert run.absent("desk") == [(0, "down", 14, 17), (0, "down", 34, 37)]


def test_a_failure_at_the_end_of_a_job_takes_effect_then():
    # 4 h of work to a failure, jobs of 4 h: down 4-7; the second job of 1 starts at 7.
    run = desk(outages(4, 3), [0, 1])
    assert run.at("desk").started == [0, 7]
    assert run.absent("desk") == [(0, "down", 4, 7), (0, "down", 11, 14)]


def test_a_resumed_job_goes_on_after_the_repair():
    # Fails after 3 h of work: 0-3, down 3-5, 1 h left: 5-6. The next job 6-: 2 h of working time are left:
    # 6-8, down 8-10, 10-12.
    run = desk(outages(3, 2, ", job: resumed"), [0, 1])
    assert run.at("desk").started == [0, 6]
    assert run.at("desk").ended == [6, 12]
    assert run.absent("desk") == [(0, "down", 3, 5), (0, "down", 8, 10)]


def test_a_calendar_clock_counts_all_time():
    # Fails 5 h after the start: idle, down 5-7. The next falls due at 12, in the job 10-13, which is finished
    # first: down 13-15. Then at 20, idle.
    run = desk(outages(5, 2, ", clock: calendar"), [6, 10], service="3 h")
    assert run.at("desk").started == [7, 10]
    assert run.absent("desk")[:3] == [(0, "down", 5, 7), (0, "down", 13, 15), (0, "down", 20, 22)]


def test_a_calendar_failure_interrupts_a_resumed_job():
    # Fails at 5, in the job 3-7: 2 h done, down 5-10, goes on 10-12. The next failure is due at 15.
    run = desk(outages(5, 5, ", clock: calendar, job: resumed"), [3, 4])
    # The second job starts at 12, is interrupted at 15 (3 h done) until 20 and ends at 21.
    assert run.at("desk").started == [3, 12]
    assert run.at("desk").ended == [12, 21]


def test_the_lowest_numbered_idle_server_takes_the_job_while_another_is_down():
    # Two servers, each fails after 4 h of its own work. Job at 0 on server 0: down 4-10. Job at 5 on server
    # 1: down 9-15. Job at 9.5: both down, server 0 is up at 10.
    run = desk(outages(4, 6), [0, 5, 9.5], servers=2)
    assert run.at("desk").server == [0, 1, 0]
    assert run.at("desk").started == [0, 5, 10]


def test_a_server_withdrawn_is_so_when_it_falls_free_and_comes_back_first():
    # Three servers busy 0-4; one from 2 on: servers 1 and 2 are withdrawn at 4. Two from 20 on: server 1.
    run = desk(
        outages(1000, 1),
        [0, 0, 0, 21, 21],
        servers=3,
        timeline="timeline:\n  - {title: one, at: 2 h, set: {facilities.desk.servers: 1}}\n"
        "  - {title: two, at: 20 h, set: {facilities.desk.servers: 2}}",
    )
    assert run.at("desk").server == [0, 1, 2, 0, 1]
    assert run.absent("desk") == [(1, "withdrawn", 4, 20), (2, "withdrawn", 4, None)]


def test_an_outage_is_read_when_its_clock_starts():
    # From 1 on failures come after 2 h of work, but the clock that runs (10 h) was set before: the first
    # failure is due after 10 h of work (jobs 0-4, 4-8, 8-12): down 12-13; then after 2 h: due in 13-17.
    run = desk(
        outages(10, 1),
        [0, 0, 0, 0, 0],
        timeline="timeline: [{title: worse, at: 1 h, set: {facilities.desk.outages.every: 2 h}}]",
    )
    assert run.at("desk").started == [0, 4, 8, 13, 18]


WORKING = outages(3, 5, ", job: resumed")
CALENDAR = outages(3, 5, ", job: resumed, clock: calendar")


def test_a_server_that_stands_still_does_not_work_towards_its_failure():
    # Closed 1-10: works 0-1 and 10-12, then 3 h are full: down 12-17, the last of 4 h is done 17-18.
    run = desk(WORKING, [0], still=[(1, 10)])
    assert run.at("desk").ended == [18]
    assert run.absent("desk") == [(0, "down", 12, 17)]


def test_a_closure_inside_a_repair_costs_nothing():
    # Works 0-3, down 3-8 with the closure 4-7 inside it, goes on 8-9.
    run = desk(WORKING, [0], still=[(4, 7)])
    assert run.at("desk").ended == [9]
    assert run.absent("desk") == [(0, "down", 3, 8)]


def test_a_job_repaired_while_its_server_stands_still_goes_on_when_it_opens():
    # Down 3-8, closed 6-10, goes on 10-11. The next failure comes 2 h later, in the next job: 11-13, down
    # 13-18, closed 18-19 and 20-21: 19-20 and 21-22.
    run = desk(WORKING, [0, 1], still=[(6, 10), (18, 19), (20, 21)])
    assert run.at("desk").ended == [11, 22]
    assert run.absent("desk") == [(0, "down", 3, 8), (0, "down", 13, 18)]


def test_work_done_as_a_closure_begins_is_done_and_so_is_the_time_to_a_failure():
    # Closed from 3 on: the 3 h of work are full at 3, down 3-8, closed until 9: 9-10.
    run = desk(WORKING, [0], still=[(3, 9)])
    assert run.at("desk").ended == [10]
    assert run.absent("desk") == [(0, "down", 3, 8)]


def test_a_repair_that_ends_as_a_closure_begins_leaves_its_job_until_it_ends():
    # Down 3-8, closed 8-12. With a job of 3 h nothing is left to do, but the job was not let go before the
    # failure: it goes on, and at once has its end, when the server works again.
    for service, end in (("4 h", 13), ("3 h", 12)):
        run = desk(WORKING, [0], service=service, still=[(8, 12)])
        assert run.at("desk").ended == [end]
        assert run.absent("desk") == [(0, "down", 3, 8)]


def test_on_the_calendar_a_job_repaired_in_a_closure_goes_on_when_it_opens():
    # Works 0-3, down 3-8, closed 6-10: the half hour that is left is done 10-10.5.
    run = desk(CALENDAR, [0], service="3.5 h", still=[(6, 10)])
    assert run.at("desk").ended == [10.5]
    assert run.absent("desk")[:2] == [(0, "down", 3, 8), (0, "down", 11, 16)]


def test_on_the_calendar_a_failure_in_a_closure_is_repaired_meanwhile():
    # Works 0-1, closed 1-10, down 3-8 in it; 10-11 works, down 11-16 (3 h after the repair), 16-17.5.
    run = desk(CALENDAR, [0], service="3.5 h", still=[(1, 10)])
    assert run.at("desk").ended == [17.5]
    assert run.absent("desk")[:3] == [(0, "down", 3, 8), (0, "down", 11, 16), (0, "down", 19, 24)]


def test_on_the_calendar_closures_before_and_after_a_repair_count_once():
    # Closed 1-2, 4-7 and 9-12, under repair 3-8 and 11-16: works 0-1, 2-3, 8-9 and 16-16.5.
    run = desk(CALENDAR, [0], service="3.5 h", still=[(1, 2), (4, 7), (9, 12)])
    assert run.at("desk").ended == [16.5]


def test_a_job_that_is_finished_first_stands_still_once():
    # 4 h of work with 9 h of closure in between: 13; down 13-18, the next job 18-22.
    run = desk(outages(3, 5), [0, 1], still=[(1, 10)])
    assert run.at("desk").ended == [13, 22]
    assert run.absent("desk") == [(0, "down", 13, 18), (0, "down", 22, 27)]


VESSEL = "outages: {every: {mean: 6 h, shape: fixed}, lasts: {mean: 10 h, shape: fixed}}"


def test_a_vessel_is_repaired_when_it_has_unloaded_at_anchor():
    # Sails 0-5, unloads 5-8; the failure of 6 begins to be repaired at 8: until 18, without a berth, which
    # the vessel of 7 gets at 8.
    run = sea(
        f"sailing: 5 h, unload: 3 h, {VESSEL}",
        flows=[flow("f", [0, 2], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        length="18 h",
    )
    assert run.laid_up("ferry") == [(0, "down", 8, None), (1, "down", 11, None)]
    assert run.sailings("ferry").berthed == [5, 8]


def test_a_vessel_at_anchor_fails_at_once():
    # Nothing to carry: down 6-16, again 22-32; the cargo of 8 leaves with it at 16.
    run = sea(f"sailing: 1 h, {VESSEL}", flows=[flow("f", [8], TEU=4)], length="17.5 h")
    assert run.laid_up("ferry") == [(0, "down", 6, 16)]
    assert run.sailings("ferry").sailed == [16]


def test_a_vessel_under_repair_is_passed_by_the_next():
    # Vessel 0 is down 6-16 and so is vessel 1 (its own clock, the same law): both at 6; with one sent off at
    # 4 (arrives 5, failure due 6 at anchor there).
    run = sea(
        f"sailing: 1 h, {VESSEL}",
        flows=[flow("f", [4, 7], TEU=4)],
        vessels="{count: 2, capacity: 4 TEU}",
        length="18 h",
    )
    # Both are at anchor at 6: vessel 0 at b, vessel 1 at a. The cargo of 7 waits until 16.
    assert run.laid_up("ferry") == [(0, "down", 6, 16), (1, "down", 6, 16)]
    assert run.sailings("ferry").sailed == [4, 16]
