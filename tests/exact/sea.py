"""Text of small scenarios with one ferry between port-a and port-b, for exact cases of lines."""

from __future__ import annotations

from harness import Ran, Spans, simulate


def flow(name: str, times, *, route: str = "west", **size: float) -> str:
    """Give a flow with its arrivals in hours; one TEU unless a size is given."""
    at = ", ".join(f"{time} h" for time in times)
    amounts = ", ".join(f"{measure}: {amount}" for measure, amount in (size or {"TEU": 1}).items())
    return (
        f"{name}: {{consignment: {{{amounts}}}, arrivals: {{timetable: {{at: [{at}]}}}}, "
        f"choice: {{shares: {{{route}: 1}}}}}}"
    )


def sea(
    ferry: str,
    *,
    flows,
    vessels: str = "{count: 1, capacity: 4 TEU}",
    berths: int = 1,
    yard: str = "",
    lines: str = "",
    routes: str = "",
    more: str = "",
    length: str = "200 h",
    warmup: str = "0 h",
    closed: dict[str, Spans] | None = None,
    still: dict[str, Spans] | None = None,
) -> Ran:
    """Run a ferry between port-a and port-b (and whatever is added)."""
    yards = f", yard: {{box: {yard}}}" if yard else ""
    port = f"berths: {{box: {berths}}}{yards}"
    return simulate(
        f"""
clock: {{start: 2024-01-01, length: {length}, warmup: {warmup}}}
places: {{a: {{}}, b: {{}}, c: {{}}}}
ports:
  port-a: {{at: a, {port}}}
  port-b: {{at: b, {port}}}
  port-c: {{at: c, {port}}}
lines:
  ferry: {{from: port-a/box, to: port-b/box, vessels: {vessels}, {ferry}}}
  {lines}
routes:
  west: {{from: a, direction: west, steps: [ferry]}}
  east: {{from: b, direction: east, steps: [ferry]}}
  {routes}
flows:
  {chr(10).join(flows).replace(chr(10), chr(10) + "  ")}
{more}
""",
        closed=closed,
        still=still,
    )
