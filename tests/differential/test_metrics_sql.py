"""Metrics against DuckDB on damaged logs of a made-up centre: the same question in SQL, day by day.

Facts that have properties of their own (visits, legs, duty, cases, sales) are inputs here; what the
metric makes of them and of the tables is written again in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.testing import generate_log
from tests.differential.test_engine_sql import connect

PLUGINS = load_plugins(third_party=False)
DERIVED = ("visits", "legs", "duty", "cases", "sales", "sales_by_kind")
KEPT = ("agents", "schedules", "customers")
SEEDS = (1, 2, 3)

CONTACTS = """
    select contact_id, customer_id, coalesce(direction, 'inbound') as direction,
           coalesce(filtered, false) as filtered, channel, opened_at, closed_at, resolved_at
    from contacts
"""

WAYS = {
    "average_callback_time": f"""
        with c as ({CONTACTS}),
        taken as (select v.*, c.customer_id, coalesce(c.direction, 'inbound') = 'inbound' as inbound
                  from visits v left join c using (contact_id)),
        last as (select * from taken
                 qualify row_number() over (
                     partition by contact_id order by entered_at desc, left_at desc) = 1),
        missed as (select * from last
                   where inbound and left_at is not null and outcome in ('abandoned', 'timeout', 'voicemail')
                     and contact_id not in (select contact_id from visits where outcome = 'answered')),
        ended as (select left_at, least(
            (select min(opened_at) from c where c.direction = 'outbound'
                and c.customer_id = m.customer_id and c.opened_at >= m.left_at),
            (select min(t.left_at) from taken t where t.outcome = 'answered' and t.inbound
                and t.customer_id = m.customer_id and t.left_at >= m.left_at)) as until from missed m)
        select left_at::date, sum(epoch_us(until) - epoch_us(left_at)), count(until)
        from ended where until is not null group by all
    """,
    "average_daily_sessions": """
        with on_line as (
            select agent_id, start, "end" from duty
            where coalesce(presence, routing) <> 'offline' and start < "end"
        ), days as (
            select distinct agent_id, unnest(generate_series(
                date_trunc('day', start), "end" - interval 1 microsecond, interval 1 day))::date as day
            from on_line
        ), received as (select began_at::date as day, count(*) as k from legs group by all)
        select day, any_value(coalesce(k, 0)), count(*) from days left join received using (day) group by day
    """,
    "average_session_duration": f"""
        with c as ({CONTACTS}), taken as (select contact_id, min(began_at) as taken_at from legs group by all)
        select opened_at::date, sum(epoch_us(closed_at) - epoch_us(taken_at)), count(*)
        from c join taken using (contact_id)
        where not filtered and closed_at is not null group by all
    """,
    "calls_per_sale": f"""
        with c as ({CONTACTS}),
        calls as (select opened_at::date as day, count(*) as k from c
                  where direction = 'outbound' and not filtered group by all),
        sold as (select paid_at::date as day, count(*) as n from sales
                 where agent_id is not null group by all)
        select day, coalesce(k, 0), n from sold left join calls using (day)
    """,
    "complaint_rate": """
        with handled as (select began_at::date as day, count(distinct contact_id) as n
                         from legs group by all),
        told as (select "at"::date as day, count(*) as k from incidents where kind = 'complaint' group by all)
        select day, coalesce(k, 0), n from handled left join told using (day)
    """,
    "consultation_rate": f"""
        with c as ({CONTACTS}),
        asked as (select opened_at::date as day, count(distinct customer_id) as k from c
                  where direction = 'inbound' group by all),
        came as (select "at"::date as day, count(distinct visitor_id) as n from traffic
                 where kind = 'visit' group by all)
        select day, coalesce(k, 0), n from came left join asked using (day)
    """,
    "incidents[kind=praise]": """
        select "at"::date, count(*), count(*) from incidents where kind = 'praise' group by all
    """,
    "interactions_per_case": """
        with said as (
            select m.*, m.author = 'customer' as customer from messages m
            join cases c using (contact_id)
            where author in ('customer', 'agent', 'bot_assist')
              and (c.ended_at is null or m."at" <= c.ended_at)
        ), runs as (
            select contact_id, (not customer) and (
                lag(customer) over w is distinct from customer
                or lag(agent_id) over w is distinct from agent_id) as turn
            from said window w as (partition by contact_id order by "at", seq)
        ), turns as (select contact_id, count(*) filter (turn) as turns from runs group by all)
        select ended_at::date, sum(coalesce(turns, 0)), count(*)
        from cases left join turns using (contact_id)
        where ended = 'resolved' and not filtered
          and contact_id in (select contact_id from messages
                             where author in ('customer', 'agent', 'bot_assist', 'system', 'note', 'bot_auto',
                                              'welcome'))
        group by all
    """,
    "average_reception_duration": f"""
        with c as ({CONTACTS}),
        said as (
            select contact_id, "at", author <> 'customer' as own, agent_id,
                   epoch_us("at") - epoch_us(lag("at") over w) as gap, row_number() over w as place
            from messages where author in ('customer', 'agent', 'bot_assist')
            window w as (partition by contact_id order by "at", seq)
        ), whose as (
            select s.*, case when own then agent_id else coalesce(
                (select arg_min(agent_id, place) from said n
                 where n.contact_id = s.contact_id and n.own and n.place > s.place),
                (select arg_max(agent_id, place) from said b
                 where b.contact_id = s.contact_id and b.own and b.place < s.place)) end as agent
            from said s
        ), parts as (
            select contact_id, agent, count(*) filter (own) as replies,
                   coalesce(sum(gap) filter (gap <= 1800e6), 0) as reception
            from whose where agent is not null group by all
        ), taken as (
            select contact_id, agent_id as agent, min(began_at) as taken_at from legs group by all
        )
        select coalesce(taken_at, opened_at)::date, sum(reception)::bigint, count(distinct customer_id)
        from parts join c using (contact_id) left join taken using (contact_id, agent)
        where replies > 0 and not filtered and customer_id is not null
          and contact_id in (select contact_id from messages where author = 'customer')
        group by all
    """,
    "resolution_rate": f"""
        with c as ({CONTACTS})
        select opened_at::date, count(resolved_at), count(*) from c group by all
    """,
    "resolution_rate[cohort=closed,within=2h]": f"""
        with c as ({CONTACTS})
        select closed_at::date, count(*) filter (resolved_at - opened_at <= interval 2 hours), count(*)
        from c where closed_at is not null group by all
    """,
    "self_service_usage": """
        select "at"::date, sum(coalesce("count", 1)), sum(coalesce("count", 1)) from traffic
        where kind = 'search' group by all
    """,
    "self_service_share": f"""
        with c as ({CONTACTS}),
        chosen as (select * from traffic
                   where session_id is not null and kind in ('search', 'self_service', 'view')),
        named as (select session_id, arg_min(customer_id, "at") filter (customer_id is not null) as customer
                  from traffic where session_id is not null group by all),
        began as (select session_id, min("at") as began_at from chosen group by all),
        alone as (
            select began_at::date as day, count(*) as k from began join named using (session_id)
            where customer is null or not exists (
                select 1 from c where c.customer_id = customer and c.direction = 'inbound'
                  and c.opened_at >= began_at and c.opened_at <= began_at + interval 1 day)
            group by all
        ),
        asked as (select opened_at::date as day, count(*) as n from c
                  where direction = 'inbound' group by all)
        select day, coalesce(k, 0), coalesce(k, 0) + coalesce(n, 0) from alone full join asked using (day)
    """,
    "time_to_start": """
        with happened as (
            select contact_id, agent_id, "at", 0 as begins from contact_events where event = 'assigned'
            union all
            select contact_id, agent_id, "at", 1 from contact_events where event in ('answered', 'started')
            union all
            select contact_id, agent_id, "at", 1 from messages where author in ('agent', 'bot_assist')
        ), known as (select * from happened where agent_id is not null),
        runs as (
            select *, lag(begins) over w is distinct from begins as head
            from known window w as (partition by contact_id, agent_id order by "at", begins)
        ), heads as (
            select *, lead("at") over w as began_at from runs where head
            window w as (partition by contact_id, agent_id order by "at", begins)
        )
        select "at"::date, sum(epoch_us(began_at) - epoch_us("at")), count(*)
        from heads where begins = 0 and began_at is not null group by all
    """,
    "utilisation": """
        with plans as (select agent_id, start, "end" from schedules where start < "end"),
        instants as (
            select agent_id, "start" as t from plans union select agent_id, "end" from plans
            union select agent_id, unnest(generate_series(timestamp '2026-10-11', timestamp '2026-10-18',
                                                          interval 1 day)) from plans
        ), pieces as (
            select agent_id, t as s, lead(t) over (partition by agent_id order by t) as e from instants
        ), planned as (
            select s::date as day, sum(epoch_us(e) - epoch_us(s))::bigint as n
            from pieces p where e is not null and exists (
                select 1 from plans q where q.agent_id = p.agent_id and q.start <= p.s and p.e <= q."end")
            group by all
        ), on_duty as (
            select *, unnest(generate_series(date_trunc('day', start), "end", interval 1 day)) as day
            from duty
            where coalesce(presence, routing) <> 'offline'
              and coalesce(presence, 'x') not in ('away', 'break', 'meal', 'meeting', 'offline', 'training')
              and coalesce(routing, 'x') not in ('away', 'break', 'meal', 'meeting', 'offline', 'training')
        ), worked as (
            select day::date as day, sum(greatest(0, epoch_us(least("end", day + interval 1 day))
                                             - epoch_us(greatest(start, day))))::bigint as k
            from on_duty group by all
        )
        select day, coalesce(k, 0), n from planned left join worked using (day)
    """,
    "upsell_rate": f"""
        with c as ({CONTACTS}),
        received as (
            select l.began_at::date as day, count(distinct l.contact_id) as n
            from legs l left join c using (contact_id)
            where coalesce(c.direction, 'inbound') in ('inbound', 'outbound')
              and not coalesce(c.filtered, false)
            group by all
        ),
        more as (select paid_at::date as day, count(*) as k from sales_by_kind
                 where agent_id is not null and kind in ('upsell', 'cross_sell') group by all)
        select day, coalesce(k, 0), n from received left join more using (day)
    """,
}
"""SQL by metric: day, numerator, denominator."""


def damaged(seed: int) -> dict[str, pa.Table]:
    """Returns a log that has lost rows and customers, its rows in any order."""
    random = Random(seed)
    tables = generate_log(seed=seed, agents=4, days=4, zone="UTC", demand=0.7)
    found = {}
    for name, table in tables.items():
        if name not in KEPT:
            rows = [row for row in range(len(table)) if random.random() > 0.06]
            random.shuffle(rows)
            table = table.take(pa.array(rows, pa.int64()))
        if name in ("contacts", "traffic"):
            lost = pa.array([random.random() < 0.05 for _ in range(len(table))])
            place = table.column_names.index("customer_id")
            kept = pc.if_else(lost, pa.scalar(None, table.schema.field(place).type), table.column(place))
            table = table.set_column(place, "customer_id", kept)
        found[name] = table
    return found


@pytest.fixture(scope="module", params=SEEDS)
def both(request: pytest.FixtureRequest) -> Iterator[tuple[kpicore.Log, duckdb.DuckDBPyConnection]]:
    tables = damaged(request.param)
    log = kpicore.open(tables, plugins=PLUGINS, zone="UTC")
    facts = {name: kpicore.derive(log, name, plugins=PLUGINS) for name in DERIVED}
    with connect({**tables, **facts}) as con:
        yield log, con


@pytest.mark.parametrize("metric", sorted(WAYS))
def test_metric_is_what_sql_says(metric: str, both: tuple[kpicore.Log, duckdb.DuckDBPyConnection]) -> None:
    log, con = both
    wanted = {str(day): (k, n) for day, k, n in con.execute(WAYS[metric]).fetchall() if day}
    rows = kpicore.measure(log, [metric], period="day", zone="UTC", plugins=PLUGINS).rows()
    found = {}
    for row in rows:
        k, n = (
            (row["value"], row["n"]) if row["denominator"] is None else (row["numerator"], row["denominator"])
        )
        if n:
            found[str(row["period"])[:10]] = (k, n)
    assert wanted
    assert found == wanted


def test_marks_are_means_on_the_scale(both: tuple[kpicore.Log, duckdb.DuckDBPyConnection]) -> None:
    log, con = both
    names = {
        "service_attitude": "attitude",
        "communication_skill": "communication",
        "brand_representation": "brand",
        "professional_knowledge": "knowledge",
        "technical_skill": "technical",
    }
    place = "(score - coalesce(scale_min, 1)) / (coalesce(scale_max, 5) - coalesce(scale_min, 1))"
    for metric, condition in {
        **{name: f"dimension = '{dimension}'" for name, dimension in names.items()},
        "quality_score": "true",
    }.items():
        told = con.execute(
            f"select agent_id, avg({place}), count(*) from reviews where {condition} group by all"
        )
        wanted = {agent: (pytest.approx(mean, abs=1e-6), n) for agent, mean, n in told.fetchall()}
        rows = kpicore.measure(log, [metric], ["agent"], zone="UTC", plugins=PLUGINS).rows()
        assert {row["agent"]: (row["value"], row["n"]) for row in rows if row["n"]} == wanted
        assert len(wanted) >= 2


def test_experience_is_the_mean_of_the_means(both: tuple[kpicore.Log, duckdb.DuckDBPyConnection]) -> None:
    log, con = both
    low = "coalesce(scale_min, case kind when 'nps' then 0 else 1 end)"
    high = "coalesce(scale_max, case kind when 'nps' then 10 when 'ces' then 10 else 5 end)"
    told = con.execute(f"""
        with places as (select kind, (score - {low}) / ({high} - {low}) as place from surveys
                        where kind in ('ces', 'csat', 'cx', 'nps') and score is not null),
        means as (select avg(case kind when 'ces' then 1 - place else place end) as mean, count(*) as n
                  from places group by kind)
        select avg(mean), sum(n)::bigint from means
    """)
    (wanted,) = told.fetchall()
    (row,) = kpicore.measure(log, ["cx_score"], zone="UTC", plugins=PLUGINS).rows()
    assert (row["value"], row["n"]) == (pytest.approx(wanted[0], abs=1e-6), wanted[1])


def test_channels_share_all_contacts(both: tuple[kpicore.Log, duckdb.DuckDBPyConnection]) -> None:
    log, con = both
    told = con.execute("""
        with days as (select opened_at::date as day, count(*) as n from contacts group by all)
        select day, channel, count(*), any_value(n)
        from contacts join days on opened_at::date = day group by day, channel
    """)
    wanted = {(str(day), channel): (k, n) for day, channel, k, n in told.fetchall()}
    rows = kpicore.measure(log, ["channel_share"], period="day", zone="UTC", plugins=PLUGINS).rows()
    found = {
        (str(row["period"])[:10], row["part"]): (row["numerator"], row["denominator"])
        for row in rows
        if row["numerator"]
    }
    assert found == wanted
