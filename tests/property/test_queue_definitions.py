"""What platforms make of stays in queues, against slow, obvious counts on random logs."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.property.test_platform_definitions import FEW, SECOND, SEEDS, Row, measured, moment

WITHIN = 300
HOURS = range(9)


def random_stays(random: Random) -> list[Row]:
    """Returns stays of few contacts, some at the same time, with their seconds in columns of their own."""
    stays: list[Row] = []
    for _ in range(random.randrange(1, 16)):
        entered, wait = random.randrange(0, 25_000, 50), random.choice((0, 50, 150, 250, 300, 450))
        stays.append(
            {
                "contact_id": str(random.randrange(5)),
                "queue": random.choice(("sales", "billing")),
                "entered_at": moment(entered),
                "left_at": moment(entered + wait),
                "outcome": random.choice(("answered", "abandoned", "flow_out", "closed")),
                "wait": random.choice((wait * SECOND,) * 9 + (None,)),
                "entered": entered,
                "left": entered + wait,
            }
        )
    return stays


def log_of_stays(stays: list[Row]) -> dict[str, list[Row]]:
    return {"visits": [{k: v for k, v in row.items() if k not in ("entered", "left")} for row in stays]}


def earlier(stays: list[Row], row: Row) -> int | None:
    before = [
        other["wait"]
        for other in stays
        if other is not row and other["contact_id"] == row["contact_id"] and other["left"] <= row["entered"]  # type: ignore[operator]
    ]
    return None if None in before else sum(before)  # type: ignore[arg-type]


@FEW
@given(seed=SEEDS, judged=st.booleans())
def test_waits_in_earlier_queues(seed: int, judged: bool) -> None:
    stays = random_stays(Random(seed))
    expected = {f"{hour:02d}": [0, 0] for hour in HOURS}
    for row in stays:
        if row["outcome"] not in ("answered", "abandoned"):
            continue
        entered, left, wait, before = (
            *(row[name] for name in ("entered", "left", "wait")),
            earlier(stays, row),
        )
        assert isinstance(entered, int)
        assert isinstance(left, int)
        when = entered
        if judged:
            when = left if before is None else min(left, max(entered, entered + WITHIN - before // SECOND))
        known = isinstance(wait, int) and before is not None
        expected[f"{when // 3600:02d}"][1] += 1
        expected[f"{when // 3600:02d}"][0] += (
            row["outcome"] == "answered" and known and wait + before <= WITHIN * SECOND  # type: ignore[operator]
        )
    bracket = f"within={WITHIN}s,abandoned=include,transfer_wait=earlier_queues"
    bracket += ",attribution=sl_event" if judged else ""
    rows = measured(log_of_stays(stays), f"service_level[{bracket}]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected


@FEW
@given(seed=SEEDS, once=st.booleans())
def test_hours_of_closed_queues(seed: int, once: bool) -> None:
    stays = random_stays(Random(seed))
    hours: dict[int, list[Row]] = defaultdict(list)
    for row in stays:
        hours[row["entered"] // 3600].append(row)  # type: ignore[operator]

    def size(rows: list[Row]) -> int:
        return len({row["contact_id"] for row in rows}) if once else len(rows)

    expected = {}
    for hour in HOURS:
        counted = [row for row in hours[hour] if row["outcome"] in ("answered", "abandoned")]
        answered = [row for row in counted if row["outcome"] == "answered"]
        met = [r for r in answered if isinstance(r["wait"], int) and r["wait"] <= WITHIN * SECOND]
        if hours[hour] and all(row["outcome"] == "closed" for row in hours[hour]):
            met = counted = hours[hour]
        expected[f"{hour:02d}"] = [size(met), size(counted)]
    bracket = f"within={WITHIN}s,abandoned=include,closed_queue_value=full"
    bracket += ",unit=interaction" if once else ""
    rows = measured(log_of_stays(stays), f"service_level[{bracket}]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected
    assert all((row["value"] is None) == (row["denominator"] == 0) for row in rows)


@FEW
@given(seed=SEEDS, at=st.sampled_from(("start", "sl_event", "completion")))
def test_callbacks_with_a_limit_of_their_own(seed: int, at: str) -> None:
    random, limit = Random(seed), 1000
    stays, contacts, legs = random_stays(random), [], []
    for row in stays:
        row["outcome"], row["wait"] = (
            random.choice(("answered", "callback")),
            (row["left"] - row["entered"]) * SECOND,
        )  # type: ignore[operator]
    owner = {number: random.choice(("k1", "k2", "k3", None)) for number in range(8)}
    for number in range(8):
        way, opened = "inbound" if number < 5 else "outbound", random.randrange(0, 25_000, 50)
        contacts.append({"contact_id": str(number), "customer_id": owner[number], "direction": way})
        contacts[-1] |= {"opened_at": moment(opened), "closed_at": moment(opened), "opened": opened}
    for _ in range(random.randrange(1, 5)):
        began, length = random.randrange(0, 25_000, 50), random.choice((100, 5000, None))
        ended = None if length is None else began + length
        legs.append({"contact_id": str(random.randrange(5)), "agent_id": "Ann", "began_at": moment(began)})
        legs[-1] |= {
            "ended_at": moment(ended),
            "began": "answered",
            "ended": "closed",
            "s": began,
            "e": ended,
        }
    expected = {f"{hour:02d}": [0, 0] for hour in HOURS}
    for row in stays:
        contact, left = row["contact_id"], row["left"]
        assert isinstance(left, int)
        customer, own = owner[int(str(contact))], [leg for leg in legs if leg["contact_id"] == contact]
        calls = [leg["s"] for leg in own] + [
            call["opened"]
            for call in contacts[5:]
            if customer is not None and call["customer_id"] == customer
        ]
        called = min((second for second in calls if second >= left), default=None)  # type: ignore[type-var, operator]
        asked = row["outcome"] == "callback"
        if asked and called is None and customer is None:
            continue
        ends = [leg["e"] for leg in own] + [
            other["left"] for other in stays if other["contact_id"] == contact
        ]
        entered = row["entered"]
        judged = min(left, entered + WITHIN)  # type: ignore[operator]
        if asked:
            judged = left + limit if called is None else min(called, left + limit)  # type: ignore[type-var, assignment]
        when = {"start": entered, "sl_event": judged, "completion": None if None in ends else max(ends)}[at]  # type: ignore[type-var]
        if when is None:
            continue
        met = judged - left < limit or called == left + limit if asked else left - entered <= WITHIN  # type: ignore[operator]
        cell = expected[f"{when // 3600:02d}"]  # type: ignore[operator]
        cell[0] += met
        cell[1] += 1
    tables = {
        "visits": log_of_stays(stays)["visits"],
        "contacts": [{k: v for k, v in row.items() if k != "opened"} for row in contacts],
        "legs": [{k: v for k, v in row.items() if k not in ("s", "e")} for row in legs],
    }
    bracket = f"within={WITHIN}s,callbacks=own_clock,callback_within={limit}s,attribution={at}"
    rows = measured(tables, f"service_level[{bracket}]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected


def handed_off(random: Random) -> list[tuple[str, int, str]]:
    """Returns contacts, seconds and names of events: hand-offs by bots, and customers who give up."""
    rows = {
        (str(random.randrange(5)), random.randrange(0, 25_000, 50)) for _ in range(random.randrange(1, 14))
    }
    return sorted(
        (contact, at, random.choice(("handed_off", "handed_off", "abandoned"))) for contact, at in rows
    )


def handed_off_before(events: list[tuple[str, int, str]], row: Row) -> int | None:
    """The last hand-off of the stay's contact before it ended; of a stay without length also at its end."""
    bound = row["left"] if row["entered"] == row["left"] else row["left"] - 1  # type: ignore[operator]
    before = [at for contact, at, name in events if name == "handed_off" and contact == row["contact_id"]]
    return max((at for at in before if at <= bound), default=None)  # type: ignore[operator]


def log_with_bots(
    stays: list[Row], events: list[tuple[str, int, str]], legs: list[Row]
) -> dict[str, list[Row]]:
    contacts = [{"contact_id": str(n), "opened_at": moment(0), "closed_at": moment(1)} for n in range(5)]
    return {
        "visits": log_of_stays(stays)["visits"],
        "contacts": contacts,
        "contact_events": [
            {"contact_id": contact, "at": moment(at), "event": name} for contact, at, name in events
        ],
        "legs": [{k: v for k, v in leg.items() if k != "s"} for leg in legs],
    }


def random_legs(random: Random) -> list[Row]:
    return [
        {
            "contact_id": str(random.randrange(5)),
            "agent_id": "Ann",
            "began_at": moment(began),
            "began": "answered",
            "ended": "closed",
            "s": began,
        }
        for began in random.sample(range(25, 25_000, 50), random.randrange(1, 6))
    ]


@FEW
@given(seed=SEEDS, judged=st.booleans())
def test_waits_from_the_hand_off(seed: int, judged: bool) -> None:
    random = Random(seed)
    stays, events = random_stays(random), handed_off(random)
    expected = {f"{hour:02d}": [0, 0] for hour in HOURS}
    seen: set[tuple[object, int]] = set()
    order = sorted(range(len(stays)), key=lambda n: (stays[n]["entered"], stays[n]["left"]))  # type: ignore[arg-type, return-value]
    for row in (stays[n] for n in order):
        entered, left, wait, asked = row["entered"], row["left"], row["wait"], handed_off_before(events, row)
        assert isinstance(entered, int)
        assert isinstance(left, int)
        if asked is None or (row["contact_id"], asked) in seen:
            since = entered
        else:
            since = asked
            seen.add((row["contact_id"], asked))
        if row["outcome"] not in ("answered", "abandoned"):
            continue
        when = min(left, since + WITHIN) if judged else entered
        cell = expected[f"{when // 3600:02d}"]
        cell[0] += row["outcome"] == "answered" and wait is not None and left - since <= WITHIN
        cell[1] += 1
    bracket = f"within={WITHIN}s,abandoned=include,clock_start=handed_off"
    bracket += ",attribution=sl_event" if judged else ""
    tables = log_with_bots(stays, events, random_legs(random))
    rows = measured(tables, f"service_level[{bracket}]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected


@FEW
@given(seed=SEEDS, once=st.booleans())
def test_what_comes_of_hand_offs(seed: int, once: bool) -> None:
    random = Random(seed)
    stays, events, legs = random_stays(random), handed_off(random), random_legs(random)
    ends: list[tuple[str, str, int]] = []
    for contact, at, name in events:
        if name != "handed_off":
            continue
        later = [e for c, e, n in events if (c, n) == (contact, "handed_off") and e > at]
        own = [r for r in stays if r["contact_id"] == contact and handed_off_before(events, r) == at]
        own.sort(key=lambda row: (row["entered"], row["left"]))  # type: ignore[arg-type, return-value]
        answered = [row for row in own if row["outcome"] == "answered"]
        if own:
            row = answered[0] if answered else own[-1]
            ends.append((contact, str(row["outcome"]), row["left"] - at))  # type: ignore[operator]
            continue
        found = [(leg["s"], "answered") for leg in legs if leg["contact_id"] == contact and leg["s"] >= at]  # type: ignore[operator]
        found += [(e, "abandoned") for c, e, n in events if (c, n) == (contact, "abandoned") and e >= at]
        found += [(e, "flow_out") for e in later]
        when, outcome = min(found, default=(at, "unknown"))  # type: ignore[type-var]
        ends.append((contact, str(outcome), when - at))  # type: ignore[operator]

    def size(rows: list[tuple[str, str, int]]) -> int:
        return len({contact for contact, _, _ in rows}) if once else len(rows)

    tables = log_with_bots(stays, events, legs)
    unit = f"denominator=escalated,unit={'interaction' if once else 'queue_leg'}"
    (row,) = measured(tables, f"connect_rate[{unit}]")
    met, asked = ([e for e in ends if e[1] == "answered"], [e for e in ends if e[1] != "closed"])
    assert (row["numerator"], row["denominator"]) == (size(met), size(asked))
    (row,) = measured(tables, f"abandon_rate[{unit},short=200s]")
    rest = [e for e in ends if e[1] != "abandoned" or e[2] >= 200]
    assert (row["numerator"], row["denominator"]) == (
        size([e for e in rest if e[1] == "abandoned"]),
        size(rest),
    )


@FEW
@given(seed=SEEDS, hang_ups=st.booleans())
def test_missed_offers(seed: int, hang_ups: bool) -> None:
    random = Random(seed)
    stays, rings, legs = random_stays(random), [], []
    for _ in range(random.randrange(1, 12)):
        start, length = random.randrange(0, 25_000, 50), random.randrange(0, 200, 50)
        agent, contact = random.choice(("Ann", "bob", None)), str(random.randrange(5))
        rings.append((contact, agent, start, start + length))
        if random.random() < 0.4:
            legs.append((contact, random.choice((agent, "Ann", None)), start + length))
        if random.random() < 0.3:
            row = random.choice(stays)
            row |= {"contact_id": contact, "outcome": "abandoned", "left": start + length, "entered": start}
            row |= {"entered_at": moment(start), "left_at": moment(start + length)}
    gone = {(row["contact_id"], row["left"]) for row in stays if row["outcome"] == "abandoned"}
    own, others = set(legs), {(contact, at) for contact, _, at in legs}
    missed: dict[object, int] = defaultdict(int)
    offered: dict[object, int] = defaultdict(int)
    for contact, agent, _, end in rings:
        if (contact, agent, end) in own:
            offered[agent] += 1
        elif (contact, end) not in others and (hang_ups or (contact, end) not in gone):
            offered[agent] += 1
            missed[agent] += 1
    tables: dict[str, list[Row]] = {
        "visits": log_of_stays(stays)["visits"],
        "segments": [
            {"contact_id": c, "agent_id": a, "kind": "ring", "start": moment(start), "end": moment(end)}
            for c, a, start, end in rings
        ],
        "legs": [
            {"contact_id": c, "agent_id": a, "began_at": moment(at), "began": "answered", "ended": "closed"}
            for c, a, at in legs
        ]
        or [{"contact_id": "9", "began_at": moment(1), "began": "answered", "ended": "closed"}],
    }
    bracket = f"unit=offer,statistic=rate,hang_ups={'include' if hang_ups else 'exclude'}"
    (row,) = measured(tables, f"missed_calls[{bracket}]")
    assert (row["numerator"], row["denominator"]) == (sum(missed.values()), sum(offered.values()))
    found = {
        row["agent"]: row["denominator"] for row in measured(tables, f"missed_calls[{bracket}]", "agent")
    }
    assert {agent: n for agent, n in found.items() if n} == {a: n for a, n in offered.items() if a and n}


@FEW
@given(seed=SEEDS)
def test_giving_up_in_menus(seed: int) -> None:
    random = Random(seed)
    stays = random_stays(random)
    names = ("ivr_entered", "ivr_left", "abandoned", "tagged", "opened")
    events = [
        (str(contact), at, random.choice(names))
        for contact in range(5)
        for at in sorted(random.sample(range(0, 25_000, 50), random.randrange(1, 9)))
    ]
    expected = {f"{hour:02d}": [0, 0] for hour in HOURS}
    for row in stays:
        if row["outcome"] != "closed":
            cell = expected[f"{row['entered'] // 3600:02d}"]  # type: ignore[operator]
            cell[0] += row["outcome"] == "abandoned"
            cell[1] += 1
    told = [event for event in events if event[2] not in ("tagged", "opened")]
    for (contact, entered, first), (other, _, then) in pairwise(told):
        if contact == other and (first, then) == ("ivr_entered", "abandoned"):
            expected[f"{entered // 3600:02d}"][0] += 1
            expected[f"{entered // 3600:02d}"][1] += 1
    tables: dict[str, list[Row]] = {
        "visits": log_of_stays(stays)["visits"],
        "contact_events": [{"contact_id": c, "at": moment(at), "event": name} for c, at, name in events],
    }
    rows = measured(tables, "abandon_rate[menus=include]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected
