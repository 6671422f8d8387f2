"""The distribution's chromium, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOT TESTED in a browser: there is no chromium; install the distribution's package")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        yield opened
        opened.close()


Opener = Callable[..., Page]


@pytest.fixture
def said() -> list[str]:
    """What pages said on their consoles or asked for elsewhere."""
    return []


@pytest.fixture
def visit(browser: Browser, said: list[str]) -> Iterator[Opener]:
    """Opens a file in a page of its own; fails where it says or asks for anything it should not."""
    contexts: list[BrowserContext] = []

    def open_file(path: Path, fragment: str = "", *, width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: None if request.url.startswith(path.as_uri()) else said.append(request.url),
        )
        page.goto(path.as_uri() + fragment)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert said == []
