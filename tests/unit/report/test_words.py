"""Every word of a report is there in both languages, and none is there for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import kpicore.report
from kpicore.report.html import EXPLAINED
from kpicore.report.words import Words, known_words

FOLDER = Path(kpicore.report.__file__).parent
FAMILIES = ("status_", "reason_", "flag_", "action_", "unit_", "direction_", "profile_", "what_", "explain_")
FAMILIES += ("matter_", "state_", "appeal_", "attribution_")


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_both_languages_say_the_same() -> None:
    for key, (english, chinese) in known_words().items():
        assert fields(english) == fields(chinese), key
        assert chinese, key
        if re.search("[a-z]", re.sub(r"\{.*?\}| of ", "", english)):
            assert re.search(r"[\u4e00-\u9fff]", chinese), key


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    sources = [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.j2")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    told = {key for key in known_words() if not key.startswith(FAMILIES)}
    used = set(re.findall(r"['\"]([a-z_]+)['\"]", text)) | {f"legend_{k}" for k in ("me", "team", "peers")}
    used |= {f"{word}s" for word in ("agent", "team", "queue")} | {"agent", "team", "queue"}
    used |= {"unusual_spike", "unusual_drop", "exemplars_best", "exemplars_worst"}  # kinds of the analysis
    used |= {"shrunk", "standardised", *(f"{kind}_{each}" for kind in ("side", "legend") for each in used)}
    assert sorted(told - used) == []
    for word in EXPLAINED:
        assert {f"what_{word}", f"explain_{word}"} <= set(known_words())


def test_codes_that_nobody_knows_are_shown_as_they_are() -> None:
    say = Words(language="zh")
    assert say.code("reason", "no_data") == "无数据"
    assert say.code("reason", "eclipse_of_the_sun") == "eclipse of the sun"
    assert say.flag("gate_undecided:floor") == "否决项无法判断：floor"
    assert say.flag("strange:floor") == "strange:floor"
    assert [say.unit(unit) for unit in ("s", "ratio", "calls", "moons")] == ["", "", "通", "moons"]
