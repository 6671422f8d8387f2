"""Dialects: every file can be used as it stands, and what is wrong in one is told at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kpicore.engine.measure import build
from kpicore.errors import ParameterError
from kpicore.metrics import parse_request
from kpicore.metrics.dialect_files import load_dialects, read_dialect
from kpicore.plugin import Dialect, Shorthand
from kpicore.plugin.checks import find_faults
from kpicore.plugin.manager import Plugins, load_plugins

DIALECTS = tuple(load_dialects())
CHINESE = {"douyin", "easemob", "huawei", "icsoc", "jd", "kuaishou", "pdd", "qiyu", "tencent", "wangwang"}
WESTERN = {
    "aircall",
    "chatwoot",
    "cisco",
    "cisco_negative",
    "cisco_positive",
    "connect",
    "genesys",
    "glia",
    "intercom",
}
WESTERN |= {"assembled", "dynamics", "nice", "salesforce", "talkdesk", "twilio", "vonage", "wazo", "webex"}
WESTERN |= {"zendesk"}

GOOD = """
name = "acme"
doc = "as Acme counts"
source = "their manual"
[metrics.service_level]
within = "10s"
"""


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


def test_who_is_there(plugins: Plugins) -> None:
    assert {dialect.name for dialect in DIALECTS} == CHINESE | WESTERN
    assert set(plugins.dialects) == CHINESE | WESTERN


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_value_is_one_that_the_metric_takes(dialect: Dialect, plugins: Plugins) -> None:
    assert not find_faults(dialect)
    for name, values in dialect.metrics.items():
        request = parse_request(f"{name}@{dialect.name}", plugins)
        build(request)
        shorthands = {p.name for p in plugins.metric(name).parameters if isinstance(p, Shorthand)}
        for parameter, value in values.items():
            if parameter not in shorthands:
                assert request.parameters[parameter] == value, (name, parameter)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_dialect_says_where_it_is_from(dialect: Dialect) -> None:
    assert len(dialect.source) > 20
    warned = "change by date" in dialect.source and "secondary pages" in dialect.source
    assert warned == (dialect.name in CHINESE)


def test_a_good_file() -> None:
    dialect = read_dialect(GOOD, "acme.toml")
    assert (dialect.name, dialect.metrics) == ("acme", {"service_level": {"within": "10s"}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace('"10s"', "10"), "metrics.service_level.within is 10, not text in quotes"),
        (GOOD.replace('source = "their manual"', ""), "source is missing, or no text"),
        (GOOD.replace("doc", "docs"), "the key 'docs' is unknown"),
        (GOOD.replace("acme", "apex", 1), "the name 'apex' is not that of the file"),
        (GOOD[: GOOD.index("[")], "there is no table [metrics.NAME]"),
        (GOOD + "[metrics", "no TOML"),
        (
            GOOD.replace("[metrics.service_level]\nwithin", "[metrics]\nservice_level"),
            "no table of parameters",
        ),
    ],
)
def test_a_bad_file(text: str, told: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read_dialect(text, "acme.toml")
    assert told in str(caught.value)
    assert "acme.toml" in str(caught.value)


def test_no_file_is_read_before_it_is_needed() -> None:
    code = "import sys, kpicore.metrics.builtin; assert 'kpicore.metrics.dialect_files' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
