from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path

import pytest

from kpicore.errors import CardError, SourceNotFoundError
from kpicore.scoring.card import Card
from kpicore.scoring.resolve import load_card
from kpicore.scoring.schema import card_schema

GOOD = """
id = "good"
version = 3
owner = "operations"
profile = "review"
subject = "agent"
period = "month"
zone = "Asia/Shanghai"
bonus_cap = 5
penalty_cap = 10

[[group]]
id = "speed"
weight = "40%"

[[group.entry]]
id = "aht"
metric = "average_handle_time[clock=business]"
weight = 0.25
min_n = 30
curve = { target_range = { ideal_lo = "3m", ideal_hi = "5m", tolerance = "20%" } }

[[group.entry]]
id = "first"
metric = "first_response_time@qiyu"
weight = 0.75
target = "5m"
curve = { attainment = { mode = "target_over_value" } }
variant = [{ when = { team = ["new", "trial"] }, target = "10m" }]

[[group]]
id = "quality"
weight = "60%"

[[group.entry]]
id = "csat"
metric = "csat"
weight = 1
curve = { linear = { zero_at = "60%", full_at = 0.9 } }

[[bonus]]
id = "praise"
metric = "praise"
curve = { events = { points_each = 1, cap = 5 } }

[[penalty]]
id = "coach"
manual = "discipline"
curve = { knots = [[0, 0], [10, 10]] }

[[gate]]
id = "violation"
metric = "violations"
when = "> 0"
action = "cap_grade"
grade = "B"

[[grade]]
name = "A"
at_least = 90

[[grade]]
name = "B"
at_least = 75

[[grade]]
name = "C"

[distribution]
A = "20%"
B = "70%"
C = "10%"
"""


def change(*pairs: tuple[str, str]) -> str:
    text = GOOD
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_the_smallest_group_is_a_whole_number_from_one() -> None:
    assert load_card(GOOD).document.report.min_group == 5
    assert load_card(GOOD + "\n[report]\nmin_group = 8\n").document.report.min_group == 8
    with pytest.raises(CardError) as caught:
        load_card(GOOD + "\n[report]\nmin_group = 0\n")
    assert caught.value.problems == ("report.min_group: found 0; write 1 or more",)
    key = card_schema()["$defs"]["ReportDocument"]["properties"]["min_group"]  # type: ignore[index]
    assert (key["default"], key["minimum"], key["type"]) == (5, 1, "integer")


def test_weights_become_shares_of_the_total() -> None:
    card = load_card(GOOD)
    assert {entry.id: entry.weight for entry in card.entries} == {
        "aht": F(1, 10),
        "first": F(3, 10),
        "csat": F(3, 5),
    }
    assert card.metrics == (
        "average_handle_time[clock=business]",
        "first_response_time@qiyu",
        "csat",
        "praise",
        "violations",
    )
    assert card.marks == ("discipline",)
    assert card.version == "3"


def test_a_variant_takes_the_entry_s_form_with_its_own_target() -> None:
    entry = load_card(GOOD).entries[1]
    assert entry.curve is not None
    assert entry.curve.reciprocal_of == 300
    assert [variant.curve.reciprocal_of for variant in entry.variants if variant.curve] == [600]


def test_a_card_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_card(path) == load_card(str(path)) == load_card(GOOD)
    with pytest.raises(SourceNotFoundError, match=r"absent\.toml"):
        load_card(tmp_path / "absent.toml")
    path.write_bytes(GOOD.replace("operations", "\u5ba2\u670d").encode("gb18030"))
    with pytest.raises(CardError, match="not UTF-8"):
        load_card(path)


def test_the_fingerprint_is_of_the_content_not_of_the_spelling() -> None:
    card = load_card(GOOD)
    spelt = change(("0.25", "0.250"), ('zero_at = "60%", full_at = 0.9', "full_at = 0.90, zero_at = 0.6"))
    assert load_card("# a remark\n" + spelt).fingerprint == card.fingerprint
    assert load_card(change(("0.9 }", "0.91 }"))).fingerprint != card.fingerprint
    assert len(card.fingerprint) == 64


def test_the_canonical_text_is_json_and_reads_back_the_numbers() -> None:
    content = json.loads(load_card(GOOD).canonical)
    assert content["group"][0]["entry"][0]["curve"]["target_range"]["ideal_lo"] == "180"


BAD = [
    (("owner =", "owners ="), "owners: unknown key; did you mean 'owner'?"),
    (("owner =", "owners ="), "owner: missing; write it"),
    (
        ("zero_at", "zero"),
        "group[quality].entry[csat].curve.linear.zero: unknown key; did you mean 'zero_at'?",
    ),
    (('"review"', '"reviews"'), "profile: found 'reviews'; write one of 'explore', 'review' or 'pay'"),
    (('"month"', '"fortnight"'), "period: found 'fortnight'; write one of"),
    (('"Asia/Shanghai"', '"Asia/Shangai"'), "zone: found 'Asia/Shangai'; write an IANA name"),
    (('"40%"', '"41%"'), "group.weight: found 41% + 60% = 101 %; make the sum exactly 100"),
    (("0.25", "0.2500001"), "group[speed].entry.weight: found 0.2500001 + 0.75 = 1.0000001; make the sum"),
    (("weight = 0.25\n", ""), "group[speed].entry.weight: missing for 1; write every weight"),
    (
        ("0.25", '"25%"'),
        "group[speed].entry.weight: found 25% + 0.75; write all as per cent, or all as shares",
    ),
    (("0.25", '"20s"'), "group[speed].entry.weight: found 20s + 0.75; write all as per cent"),
    (("0.25", "nan"), "group[speed].entry[aht].weight: found NaN; write a finite number"),
    (
        ('"csat"\nweight', '"csat"\nmanual = "x"\nweight'),
        "group[quality].entry[csat]: found both; write either",
    ),
    (('metric = "csat"\n', ""), "group[quality].entry[csat]: found neither; write either metric or manual"),
    (
        ('curve = { linear = { zero_at = "60%", full_at = 0.9 } }', ""),
        "group[quality].entry[csat].curve: missing; write knots",
    ),
    (
        ('zero_at = "60%"', 'zero_at = "sixty"'),
        "group[quality].entry[csat].curve.linear.zero_at: found 'sixty'; write a number, per cent",
    ),
    (
        ('zero_at = "60%"', 'zero_at = "90%"'),
        "group[quality].entry[csat].curve: linear: found zero_at = full_at = 90%; write two different values",
    ),
    (
        ("full_at = 0.9", "full_at = 0.9, full = 120"),
        "group[quality].entry[csat].curve: found points from 0 to 120; keep them within points.lowest = 0",
    ),
    (('id = "aht"', 'id = "csat"'), "id csat: found 2 times; give each an id of its own"),
    (('id = "quality"', 'id = "speed"'), "group[speed]: found 2 times; give each an id of its own"),
    (
        ('id = "aht"', 'id = "Handle time"'),
        "id: found 'Handle time'; write lower-case letters, digits and underscores, beginning",
    ),
    (("min_n = 30", "min_n = 0"), "min_n: found 0; write 1 or more"),
    (('target = "5m"', 'target = ["5m"]'), "target: found 1 values; write one target, a range"),
    (('target = "5m"', 'target = ["5m", "3m"]'), "target: found [5m, 3m]; write the lower end first"),
    (
        ("when = { team", "wenn = { team"),
        "group[speed].entry[first].variant[1].wenn: unknown key; did you mean 'when'?",
    ),
    (('["new", "trial"]', "[]"), "variant[1].when: found no values; write an attribute and its values"),
    (("bonus_cap = 5\n", ""), "bonus_cap: missing; write the most points that all bonus lines together"),
    (("penalty_cap = 10", "penalty_cap = -1"), "penalty_cap: found -1; write 0 or more"),
    (
        ("[[0, 0], [10, 10]]", "[[0, 0], [10, -10]]"),
        "penalty[coach].curve: found points below 0; write what is taken",
    ),
    (
        ("[[0, 0], [10, 10]]", "[[10, 0], [0, 10]]"),
        "penalty[coach].curve: found x = 0 after 10; write the knots in",
    ),
    (
        ('when = "> 0"', 'when = "about 0"'),
        "gate[violation].when: found 'about 0'; write a comparison with a number, such as '> 0'",
    ),
    (('when = "> 0"', 'when = "> many"'), "gate[violation].when: found 'many'; write a number"),
    (('grade = "B"', 'grade = "Z"'), "gate[violation].grade: found 'Z'; write one of A, B, C"),
    (('grade = "B"\n', ""), "gate[violation].grade: missing; cap_grade needs it"),
    (('grade = "B"', 'grade = "B"\nby = 0.5'), "gate[violation].by: found beside action = 'cap_grade'"),
    (
        ("at_least = 75", "at_least = 95"),
        "grade.at_least: found grades out of order; write the best grade first",
    ),
    (("at_least = 75\n", ""), "grade[B].at_least: missing; only the last grade takes whatever is left"),
    (('name = "C"', 'name = "C"\nat_least = 50'), "grade[C].at_least: found in the last grade; remove it"),
    (('name = "C"', 'name = "B"'), "grade: found a name twice; give each grade a name of its own"),
    (('C = "10%"', 'D = "10%"'), "distribution: found D; write names of grades (A, B, C)"),
    (('C = "10%"', 'C = "5%"'), "distribution: the shares do not sum to exactly 100 %"),
    (
        ("[distribution]", '[missing]\npolicy = "neutral"\n[distribution]'),
        "missing.neutral_points: missing; write",
    ),
    (
        ("[distribution]", "[missing]\nneutral_points = 400\n[distribution]"),
        "missing.neutral_points: found 400; keep it within the scale",
    ),
    (
        ("[distribution]", "[missing.by_reason]\nsource_failed = 'zero'\n[distribution]"),
        "missing.by_reason.source_failed: a failed source fails the run; remove the key",
    ),
    (("[distribution]", "[points]\nlowest = 100\n[distribution]"), "points: found lowest >= highest"),
    (
        ("[distribution]", "[weighting]\nscheme = 'equal'\n[distribution]"),
        "found weights beside scheme 'equal'; remove",
    ),
    (
        ("[distribution]", "[rounding]\nplaces = 9\n[distribution]"),
        "rounding.places: found 9; write 6 or less",
    ),
    (("[[group]]", "[[group]\n"), "not valid TOML"),
    (('metric = "csat"', "metric = 7"), "group[quality].entry[csat].metric: found 7; write a text in quotes"),
    (("min_n = 30", "min_n = 2.5"), "group[speed].entry[aht].min_n: found 2.5; write a whole number"),
    (("owner =", 'owner = ""\n#'), "owner: found ''; write at least 1 character"),
    (
        ('curve = { linear = { zero_at = "60%", full_at = 0.9 } }', "curve = 5"),
        "group[quality].entry[csat].curve: found 5; write a table: { key = value, ... }",
    ),
    (
        ("full_at = 0.9 }", "full_at = 0.9 }, knots = [[0, 1]]"),
        "group[quality].entry[csat].curve: found knots, linear; write exactly one of knots,",
    ),
    (('action = "cap_grade"', 'action = "fire"'), "gate[violation].action: found 'fire'; write one of"),
    (("at_least = 75", 'at_least = "75 points"'), "grade[B].at_least: found '75 points'; write a number"),
    (("min_n = 30", 'missing = "ignore"'), "entry[aht].missing: found 'ignore'; write one of 'refuse'"),
]


@pytest.mark.parametrize(("fault", "message"), BAD, ids=[str(i) for i in range(len(BAD))])
def test_a_bad_card_names_the_key_and_the_way_out(fault: tuple[str, str], message: str) -> None:
    with pytest.raises(CardError) as caught:
        load_card(change(fault))
    assert message in str(caught.value)
    assert caught.value.hint


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(CardError) as caught:
        load_card(change(('"40%"', '"41%"'), ('grade = "B"', 'grade = "Z"'), ("bonus_cap = 5\n", "")))
    assert len(caught.value.problems) == 3


PAY = [
    (
        ("full_at = 0.9 }", "full_at = 0.9 }, example = true"),
        "csat: example = true, which profile 'pay' refuses",
    ),
    (("weight = 0.25", "weight = 0.25\nexample = true"), "aht: example = true, which profile 'pay' refuses"),
    (
        ('weight = "40%"', 'weight = "40%"\nexample = true'),
        "speed: example = true, which profile 'pay' refuses",
    ),
    (
        ("min_n = 30", 'target = "required"'),
        "aht: target = 'required', which profile 'pay' refuses; set the target",
    ),
    (
        ("bonus_cap", 'provisional = "accept"\nbonus_cap'),
        "provisional: found 'accept', which profile 'pay' refuses",
    ),
    (("min_n = 30", 'uses = "shrunk"'), "uses: found 'shrunk', which moves with the peers"),
    (("min_n = 30", "min_reliability = 0.7"), "min_reliability: a reliability moves with the peers"),
]


@pytest.mark.parametrize(("fault", "message"), PAY, ids=[str(i) for i in range(len(PAY))])
def test_pay_refuses_what_review_admits(fault: tuple[str, str], message: str) -> None:
    assert load_card(change(fault)).profile == "review"
    with pytest.raises(CardError) as caught:
        load_card(change(fault, ('"review"', '"pay"')))
    assert message in str(caught.value)


def test_pay_holds_provisional_values_unless_the_card_says_settled() -> None:
    assert load_card(GOOD).provisional == "accept"
    assert load_card(change(('"review"', '"pay"'))).provisional == "hold"


def test_examples_and_required_targets_are_listed(make_card: Callable[..., Card]) -> None:
    card = load_card(change(("min_n = 30", 'target = "required"'), ("0.75\n", "0.75\nexample = true\n")))
    assert (card.required_targets, card.examples) == (("aht",), ("first",))
    assert make_card(100).examples == ()


def test_a_mark_needs_no_curve() -> None:
    text = change(("curve = { knots = [[0, 0], [10, 10]] }", ""))
    curve = load_card(text).penalties[0].curve
    assert curve is not None
    assert curve.knots == ((F(0), F(0)), (F(100), F(100)))


def test_the_schema_describes_every_key() -> None:
    schema = json.loads(json.dumps(card_schema()))
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"id", "version", "owner", "profile", "subject", "period", "group"}
    assert set(schema["$defs"]["CurveDocument"]["properties"]) >= {"knots", "linear", "per_unit", "events"}
