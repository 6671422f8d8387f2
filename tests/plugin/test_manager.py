"""What the plugin manager promises: isolation, memory for failures, no clash unnoticed, no import in vain."""

from __future__ import annotations

import pickle
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from kpicore.errors import PluginError, UnknownNameError, UsageError
from kpicore.plugin.builtins import BUILTINS, Builtin
from kpicore.plugin.manager import Plugins, load_plugins

Install = Callable[..., str]

SCHEME = """
from fractions import Fraction
from kpicore.plugin import Weighting, hookimpl

def first_only(given):
    return {entry: Fraction(int(entry == given.entries[0])) for entry in given.entries}

def scheme(name):
    return Weighting(name=name, zh="", doc="", data_driven=False, peer_relative=False, weigh=first_only)
"""


def providing(*names: str) -> str:
    listed = ", ".join(f"scheme({name!r})" for name in names)
    return SCHEME + f"\n@hookimpl\ndef kpicore_weightings():\n    return [{listed}]\n"


def load(**options: object) -> Plugins:
    return load_plugins(builtins=(), **options)  # type: ignore[arg-type]


def test_a_third_party_is_found_and_its_provenance_known(install: Install) -> None:
    install(providing("steep", "flat"), version="2.3")
    plugins = load()
    assert list(plugins.weightings) == ["flat", "steep"]
    assert plugins.weighting("steep").name == "steep"
    provenance = plugins.provenance("weighting", "steep")
    assert (provenance.plugin, provenance.distribution, provenance.version) == (
        "alpha",
        "kpicore-alpha",
        "2.3",
    )
    assert len(provenance.sha256) == 64
    assert not provenance.builtin


def test_the_hash_is_of_the_code(install: Install) -> None:
    install(providing("one"), name="alpha")
    install(providing("two"), name="beta")
    plugins = load()
    assert plugins.provenance("weighting", "one").sha256 != plugins.provenance("weighting", "two").sha256


def test_an_object_may_be_the_plugin(install: Install) -> None:
    code = (
        SCHEME
        + """
class Provider:
    @hookimpl
    def kpicore_weightings(self):
        yield scheme("from_object")
provider = Provider()
"""
    )
    install(code, attribute="provider")
    assert list(load().weightings) == ["from_object"]


def test_a_name_of_our_own_imports_no_third_party(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = install(providing("other"))
    (tmp_path / "own_module.py").write_text(providing("ours"))
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load_plugins(builtins=(Builtin("own_module", ("weighting",)),))
    assert plugins.weighting("ours").name == "ours"
    assert "ours" in plugins.weightings
    assert plugins.provenance("weighting", "ours").builtin
    assert foreign not in sys.modules
    assert plugins.weighting("other").name == "other"
    assert foreign in sys.modules


def test_builtin_modules_are_imported_for_their_kinds_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lazy_module.py").write_text(providing("lazy"))
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load_plugins(third_party=False, builtins=(Builtin("lazy_module", ("weighting",)),))
    assert list(plugins.dialects) == []
    assert "lazy_module" not in sys.modules
    assert list(plugins.weightings) == ["lazy"]


def test_switched_off(install: Install) -> None:
    module = install(providing("other"))
    plugins = load(third_party=False)
    with pytest.raises(UnknownNameError, match="third-party plugins are switched off"):
        plugins.weighting("other")
    assert module not in sys.modules
    assert plugins.listing() == ()


def test_an_unknown_name_suggests_the_nearest(install: Install) -> None:
    install(providing("entropy"))
    with pytest.raises(
        UnknownNameError, match="no weighting is called 'entrpy'\nhint: did you mean 'entropy'"
    ):
        load().weighting("entrpy")


FAULTS = {
    "import": ("raise OSError('no licence file')", "importing beta_module.*OSError: no licence file"),
    "exit": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "syntax": ("def (:", "SyntaxError"),
    "api": ("KPICORE_API = 2\n" + providing("x"), "written for plugin API 2, this kpicore speaks 1"),
    "api_type": ("KPICORE_API = '1'\n" + providing("x"), "written for plugin API '1'"),
    "raise": (
        SCHEME + "@hookimpl\ndef kpicore_weightings():\n    return [scheme('a'), 1 / 0]\n",
        "ZeroDivision",
    ),
    "generator": (
        SCHEME + "@hookimpl\ndef kpicore_weightings():\n    yield scheme('a')\n    raise KeyError('late')\n",
        "kpicore_weightings: KeyError: 'late'",
    ),
    "not_iterable": (SCHEME + "@hookimpl\ndef kpicore_weightings():\n    return 7\n", "TypeError"),
    "type": (
        SCHEME + "@hookimpl\ndef kpicore_weightings():\n    return ['a']\n",
        "returned 'a': not a Weighting",
    ),
    "name": (providing("Not A Name"), "the name 'Not A Name' is not made of"),
    "no_hook": (SCHEME, "implements no hook"),
    "wrong_hook": (
        SCHEME + "@hookimpl\ndef kpicore_weighting():\n    return []\n",
        "implements kpicore_weighting, which is no hook; did you mean 'kpicore_weightings'",
    ),
    "argument": (SCHEME + "@hookimpl\ndef kpicore_weightings(app):\n    return []\n", "reading its hooks"),
    "wrapper": (
        SCHEME + "@hookimpl(wrapper=True)\ndef kpicore_weightings():\n    return (yield)\n",
        "is a wrapper",
    ),
    "field": (
        SCHEME + "from dataclasses import replace\n@hookimpl\ndef kpicore_weightings():\n"
        "    return [replace(scheme('x'), weigh=3, doc=None, data_driven=1)]\n",
        "data_driven is int, not bool; weigh cannot be called; doc is NoneType, not str",
    ),
    "default": (
        SCHEME + "from dataclasses import replace\nfrom kpicore.plugin import Integer\n@hookimpl\n"
        "def kpicore_weightings():\n    p = Integer(name='k', doc='', default='many')\n"
        "    return [replace(scheme('x'), parameters=(p, p))]\n",
        "the default is refused: k=many: not a whole number.*two parameters are called k",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_plugin_harms_nobody_and_is_quoted(install: Install, fault: str) -> None:
    code, message = FAULTS[fault]
    install(providing("first"), name="alpha")
    install(code, name="beta")
    install(providing("last"), name="gamma")
    plugins = load()
    assert list(plugins.weightings) == ["first", "last"]
    (failure,) = plugins.failures
    assert failure.provenance.distribution == "kpicore-beta"
    with pytest.raises(UnknownNameError, match=rf"plugin beta \(kpicore-beta 1.0\): .*{message}"):
        plugins.weighting("missing")


def test_a_class_is_refused(install: Install) -> None:
    install("class Provider: pass", attribute="Provider")
    plugins = load()
    assert list(plugins.metrics) == []
    assert "names a class" in str(plugins.failures[0])


def test_good_records_of_a_plugin_survive_its_bad_ones(install: Install) -> None:
    install(providing("good", "Bad"))
    plugins = load()
    assert list(plugins.weightings) == ["good"]
    assert [failure.stage for failure in plugins.failures] == ["record"]


def test_two_third_parties_with_one_name_lose_it_both(install: Install) -> None:
    install(providing("steep", "only_alpha"), name="alpha")
    install(providing("steep"), name="beta")
    install(providing("steep"), name="gamma")
    plugins = load()
    assert list(plugins.weightings) == ["only_alpha"]
    with pytest.raises(
        PluginError,
        match=r"'steep' is claimed by alpha \(kpicore-alpha 1.0\) and beta .* and gamma \(kpicore-gamma",
    ):
        plugins.weighting("steep")
    assert [failure.stage for failure in plugins.failures] == ["clash", "clash"]


def test_a_third_party_cannot_replace_our_own(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "holder_module.py").write_text(providing("equal"))
    monkeypatch.syspath_prepend(str(tmp_path))
    install(providing("equal", "mine"))
    plugins = load_plugins(builtins=(Builtin("holder_module", ("weighting",)),))
    assert list(plugins.weightings) == ["equal", "mine"]
    assert plugins.provenance("weighting", "equal").builtin
    (failure,) = plugins.failures
    assert "'equal' is also provided by holder_module (kpicore" in failure.message
    assert failure.provenance.plugin == "alpha"


def test_a_faulty_module_of_our_own_is_loud_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load_plugins(builtins=(Builtin("broken_module", ("metric",)),))
    for _ in range(2):
        with pytest.raises(PluginError, match=r"broken_module.*ZeroDivisionError"):
            plugins.metric("anything")


@pytest.mark.parametrize(
    ("entry", "admitted"),
    [
        ("kpicore-alpha", True),
        ("Kpicore_Alpha", True),
        ("kpicore-alpha==1.0", True),
        ("kpicore-alpha==1.1", False),
        ("kpicore-beta", False),
        ("kpicore-alpha==1.0@sha256:{sha}", True),
        ("kpicore-alpha==1.0@sha256:" + "0" * 64, False),
    ],
)
def test_the_allow_list(install: Install, entry: str, admitted: bool) -> None:
    module = install(providing("steep"))
    sha = "" if "{" not in entry else load().provenance("weighting", "steep").sha256
    sys.modules.pop(module, None)
    plugins = load(allow=[entry.format(sha=sha)])
    assert ("steep" in plugins.weightings) is admitted
    assert (module in sys.modules) is admitted
    if not admitted:
        with pytest.raises(UnknownNameError, match="not on the allow-list"):
            plugins.weighting("steep")


def test_an_allow_list_that_cannot_be_read(install: Install) -> None:
    with pytest.raises(UsageError, match=r"'a b'[\s\S]*'x==1@sha256:12'"):
        load(allow=["good", "a b", "x==1@sha256:12"])


def test_listing_shows_everybody(install: Install) -> None:
    install(providing("steep"), name="alpha")
    install("1 / 0", name="beta")
    alpha, beta = load().listing()
    assert (alpha.provenance.plugin, dict(alpha.provides), alpha.failures) == (
        "alpha",
        {"weighting": ("steep",)},
        (),
    )
    assert beta.provenance.plugin == "beta"
    assert "ZeroDivisionError" in beta.failures[0].trace


ADAPTER = """
from kpicore.plugin import Adapter, hookimpl

def open_nothing(source):
    return []

def by_suffix(suffix):
    def recognises(path):
        return path.suffix == suffix
    return recognises

def boom(path):
    raise RuntimeError("cannot tell")

def adapter(name, recognises):
    return Adapter(name=name, doc="", open=open_nothing, recognises=recognises)
"""


def adapting(listed: str, resolve: str = "") -> str:
    hook = f"\n@hookimpl\ndef kpicore_adapters():\n    return [{listed}]\n"
    return ADAPTER + hook + (f"\n@hookimpl\ndef kpicore_resolve_adapter{resolve}\n" if resolve else "")


def test_the_first_to_resolve_a_source_gets_it(install: Install) -> None:
    install(adapting("adapter('one', by_suffix('.q'))", "(source):\n    return None"), name="alpha")
    install(adapting("adapter('two', by_suffix('.z'))", "(source):\n    1 / 0"), name="beta")
    install(adapting("adapter('three', by_suffix('.z'))", "(source):\n    return 'nobody'"), name="delta")
    install(adapting("adapter('four', by_suffix('.z'))", "(source):\n    return 4"), name="epsilon")
    install(adapting("adapter('five', by_suffix('.z'))", "():\n    return 'two'"), name="zeta")
    plugins = load()
    found = plugins.resolve_adapter("x.q")
    assert found is not None
    assert found.name == "two"
    said = [str(failure) for failure in plugins.failures]
    assert len(said) == 3
    for plugin, words in (("beta", "ZeroDivisionError"), ("delta", "'nobody'"), ("epsilon", "returned int")):
        assert any(f"plugin {plugin} " in text and words in text for text in said)


def test_else_the_one_that_recognises_the_path(install: Install) -> None:
    install(adapting("adapter('boom', boom), adapter('one', by_suffix('.q'))"), name="alpha")
    install(adapting("adapter('two', by_suffix('.z')), adapter('three', by_suffix('.z'))"), name="beta")
    plugins = load()
    found = plugins.resolve_adapter(Path("x.q"))
    assert found is not None
    assert found.name == "one"
    assert "adapter boom: recognises: RuntimeError" in str(plugins.failures[0])
    assert plugins.resolve_adapter("x.unknown") is None
    with pytest.raises(UsageError, match="several adapters: three, two"):
        plugins.resolve_adapter("x.z")


def test_plugins_travel_to_other_processes(install: Install) -> None:
    install(providing("steep"))
    plugins = load(allow=["kpicore-alpha"])
    assert list(plugins.weightings) == ["steep"]
    copy = pickle.loads(pickle.dumps(plugins))
    assert list(copy.weightings) == ["steep"]


def test_plugins_that_are_not_installed() -> None:
    namespace: dict[str, object] = {}
    exec(providing("mine"), namespace)
    module = types.ModuleType("mine_module")
    vars(module).update(namespace)
    plugins = load(third_party=False, extra=[module])
    assert list(plugins.weightings) == ["mine"]
    assert plugins.provenance("weighting", "mine").plugin == "mine_module"


def test_our_own_plugins_work_and_keep_to_their_kinds() -> None:
    plugins = load_plugins(third_party=False)
    kinds = {each.module: set(each.kinds) for each in BUILTINS}
    listing = {each.provenance.plugin: each for each in plugins.listing()}
    assert set(listing) == set(kinds)
    for name, each in listing.items():
        assert not each.failures
        assert set(each.provides) <= kinds[name]
        assert each.provides
