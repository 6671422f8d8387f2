"""The extension modules of `kpicore._core`; everything else about the build is in pyproject.toml.

Switches, all from the environment, for developers:

- ``KPICORE_SANITIZE=1``  AddressSanitizer and UndefinedBehaviorSanitizer (full API, no abi3)
- ``KPICORE_TRACE=1``     line tracing, for coverage of .pyx files (full API, no abi3)
- ``KPICORE_DEBUG=1``     -O0 -g and bounds checks (those of vectors under SANITIZE as well)
- ``KPICORE_STRICT=1``    a C++ warning fails the build (continuous integration builds so)
- ``KPICORE_ANNOTATE=1``  the HTML annotation of each .pyx beside it
"""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel

ROOT = Path(__file__).parent


def switched_on(name: str) -> bool:
    return os.environ.get(f"KPICORE_{name}", "0") not in ("", "0")


SANITIZE, TRACE, DEBUG, STRICT, ANNOTATE = map(
    switched_on, ("SANITIZE", "TRACE", "DEBUG", "STRICT", "ANNOTATE")
)
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
LIMITED_API = not (SANITIZE or TRACE or FREE_THREADED)

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": False,
    "cdivision": True,
    "embedsignature": True,
    "binding": True,
    "linetrace": TRACE,
    "freethreading_compatible": True,
    "show_performance_hints": True,
}


def extension(source: Path) -> Extension:
    flags = ["-O0", "-g"] if DEBUG or SANITIZE else ["-O3", "-g0"]
    flags += ["-std=c++17", "-Wall", "-Wno-unused-function", "-fno-strict-aliasing"]
    flags += ["-Werror"] if STRICT else []
    links: list[str] = []
    macros: list[tuple[str, str | None]] = []
    if SANITIZE:
        sanitizers = [
            "-fsanitize=address,undefined",
            "-fno-omit-frame-pointer",
            "-fno-sanitize-recover=undefined",
        ]
        flags, links = flags + sanitizers, sanitizers
    if SANITIZE or DEBUG:
        macros.append(("_GLIBCXX_ASSERTIONS", "1"))
    if TRACE:
        macros.append(("CYTHON_TRACE_NOGIL", "1"))
    if LIMITED_API:
        macros.append(("Py_LIMITED_API", "0x030B0000"))
    return Extension(
        name=".".join(source.relative_to(ROOT).with_suffix("").parts),
        sources=[str(source.relative_to(ROOT))],
        depends=[
            str(p.relative_to(ROOT))
            for p in source.parent.glob("*.[ph]*")
            if p.suffix in (".pxd", ".h", ".hpp")
        ],
        include_dirs=["kpicore/_core"],
        language="c++",
        extra_compile_args=flags,
        extra_link_args=links,
        define_macros=macros,
        py_limited_api=LIMITED_API,
    )


class AbiWheel(bdist_wheel):
    """Tags the wheel cp311-abi3 where the limited API is in use."""

    def finalize_options(self) -> None:
        if LIMITED_API:
            self.py_limited_api = "cp311"
        super().finalize_options()


Options.warning_errors = True
setup(
    ext_modules=cythonize(
        [extension(p) for p in sorted((ROOT / "kpicore" / "_core").glob("*.pyx"))],
        compiler_directives=DIRECTIVES,
        annotate=ANNOTATE,
        nthreads=0,
    ),
    cmdclass={"bdist_wheel": AbiWheel},
)
