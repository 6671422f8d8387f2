"""The same works in DuckDB and Polars, written as their users would.

Intervals are cut at hours or days by listing the periods that each of them touches.
"""

from __future__ import annotations

import duckdb
import polars as pl
import pyarrow as pa

__all__ = ["Duck", "Polar"]

_HOUR, _DAY = 3_600_000_000, 86_400_000_000


class Duck:
    """DuckDB over tables that it has loaded."""

    name = "duckdb"

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.con = duckdb.connect(config={"threads": 2})
        for name, table in tables.items():
            times = [f.name for f in table.schema if pa.types.is_timestamp(f.type)]
            self.con.register("incoming", table)
            quoted = [(c, f'"{c}"') for c in table.column_names]
            columns = ", ".join(f"epoch_us({q}) as {q}" if c in times else q for c, q in quoted)
            self.con.execute(f"create table {name} as select {columns} from incoming")
            self.con.unregister("incoming")

    def state_seconds(self) -> pa.Table:
        return self._fetch(f"""
            with stays as (
                select agent_id, state, "at" as s, lead("at") over (partition by agent_id order by "at") as e
                from agent_states
            ), pieces as (
                select agent_id, state, s, e, unnest(range(s // {_HOUR}, (e - 1) // {_HOUR} + 1)) as h
                from stays where e > s
            )
            select agent_id as agent, state, h,
                   sum(least(e, (h + 1) * {_HOUR}) - greatest(s, h * {_HOUR}))::bigint as us
            from pieces group by all
        """)

    def response_times(self) -> pa.Table:
        return self._fetch("""
            with turns as (
                select *, lag(author) over w as before from messages
                window w as (partition by contact_id order by "at")
            ), edges as (
                select * from turns
                where (author = 'customer' and before is distinct from 'customer')
                   or (author = 'agent' and before = 'customer')
            ), pairs as (
                select contact_id, author, lead(agent_id) over w as agent, lead("at") over w - "at" as took,
                       row_number() over w as place
                from edges window w as (partition by contact_id order by "at")
            ), responses as (
                select agent, took, place = 1 as first from pairs
                where author = 'customer' and took is not null
            )
            select agent,
                   count(*) filter (first) as first_n, sum(took) filter (first)::bigint as first_us,
                   quantile_cont(took, 0.5) filter (first) as first_p50,
                   quantile_cont(took, 0.9) filter (first) as first_p90,
                   count(*) filter (first and took <= 60000000) as first_within,
                   count(*) as n, sum(took)::bigint as us,
                   quantile_cont(took, 0.5) as p50, quantile_cont(took, 0.9) as p90,
                   count(*) filter (took <= 60000000) as within
            from responses group by agent
        """)

    def concurrency(self) -> pa.Table:
        return self._fetch(f"""
            with events as (
                select agent_id, "start" as t, 1 as d from segments
                union all select agent_id, "end", -1 from segments
            ), moments as (
                select agent_id, t, sum(d)::bigint as d from events group by all
            ), levels as (
                select agent_id, t as s, lead(t) over w as e,
                       sum(d) over w as level
                from moments window w as (partition by agent_id order by t)
            ), pieces as (
                select agent_id, s, e, level, unnest(range(s // {_DAY}, (e - 1) // {_DAY} + 1)) as day
                from levels where level > 0 and e > s
            )
            select agent_id as agent, day, max(level)::bigint as peak,
                   sum(level * length)::bigint as weighted, sum(length)::bigint as handling
            from (select *, least(e, (day + 1) * {_DAY}) - greatest(s, day * {_DAY}) as length from pieces)
            group by all
        """)

    def _fetch(self, sql: str) -> pa.Table:
        return pa.RecordBatchReader.from_stream(self.con.sql(sql)).read_all()


class Polar:
    """Polars over frames that it has loaded."""

    name = "polars"

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.frames = {}
        for name, table in tables.items():
            frame = pl.DataFrame(table)
            times = [c for c, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
            self.frames[name] = frame.with_columns(pl.col(times).dt.epoch("us")).rechunk()

    def state_seconds(self) -> pa.Table:
        stays = (
            self.frames["agent_states"]
            .lazy()
            .with_columns(end=pl.col("at").shift(-1).over("agent_id"))
            .filter(pl.col("end") > pl.col("at"))
            .with_columns(h=pl.int_ranges(pl.col("at") // _HOUR, (pl.col("end") - 1) // _HOUR + 1))
            .explode("h")
        )
        piece = pl.min_horizontal("end", (pl.col("h") + 1) * _HOUR) - pl.max_horizontal(
            "at", pl.col("h") * _HOUR
        )
        return stays.group_by("agent_id", "state", "h").agg(us=piece.sum()).collect().to_arrow()

    def response_times(self) -> pa.Table:
        author, before = pl.col("author").cast(pl.String), pl.col("before")
        edges = (
            self.frames["messages"]
            .lazy()
            .with_columns(asks=author == "customer")
            .with_columns(before=pl.col("asks").shift(1).over("contact_id"))
            .filter((pl.col("asks") & before.ne_missing(True)) | (~pl.col("asks") & before.fill_null(False)))
        )
        responses = edges.with_columns(
            agent=pl.col("agent_id").shift(-1).over("contact_id"),
            took=pl.col("at").shift(-1).over("contact_id") - pl.col("at"),
            first=pl.int_range(pl.len()).over("contact_id") == 0,
        ).filter(pl.col("asks") & pl.col("took").is_not_null())
        took, first = pl.col("took"), pl.col("took").filter(pl.col("first"))
        return (
            responses.group_by("agent")
            .agg(
                first_n=first.len(),
                first_us=first.sum(),
                first_p50=first.quantile(0.5, "linear"),
                first_p90=first.quantile(0.9, "linear"),
                first_within=(first <= 60_000_000).sum(),
                n=pl.len(),
                us=took.sum(),
                p50=took.quantile(0.5, "linear"),
                p90=took.quantile(0.9, "linear"),
                within=(took <= 60_000_000).sum(),
            )
            .collect()
            .to_arrow()
        )

    def concurrency(self) -> pa.Table:
        segments = self.frames["segments"].lazy()
        events = pl.concat(
            [
                segments.select("agent_id", t="start", d=pl.lit(1, pl.Int64)),
                segments.select("agent_id", t="end", d=pl.lit(-1, pl.Int64)),
            ]
        )
        levels = (
            events.group_by("agent_id", "t")
            .agg(pl.col("d").sum())
            .sort("agent_id", "t")
            .with_columns(
                level=pl.col("d").cum_sum().over("agent_id"), end=pl.col("t").shift(-1).over("agent_id")
            )
            .filter((pl.col("level") > 0) & (pl.col("end") > pl.col("t")))
            .with_columns(day=pl.int_ranges(pl.col("t") // _DAY, (pl.col("end") - 1) // _DAY + 1))
            .explode("day")
            .with_columns(
                length=pl.min_horizontal("end", (pl.col("day") + 1) * _DAY)
                - pl.max_horizontal("t", pl.col("day") * _DAY)
            )
        )
        return (
            levels.group_by("agent_id", "day")
            .agg(
                peak=pl.col("level").max(),
                weighted=(pl.col("level") * pl.col("length")).sum(),
                handling=pl.col("length").sum(),
            )
            .collect()
            .to_arrow()
        )
