#!/usr/bin/env python3
"""Opens reports as pages in a headless Chromium and uses them as a reader would.

    scripts/page_test.py [--optbench PROGRAM] [--keep FOLDER]

Runs two small experiments, one of them with 4,000 runs, and checks on their pages: nothing on the
console, no request, tables that sort and filter, methods that hide everywhere at once, values beside
the pointer, zoom and logarithms, a run's own part, print, a telephone's width, keyboard, and with
axe-core that nobody is shut out. Says how long the large page takes to open.

Needs Chromium and, the first time, a package index: it makes a virtual environment of its own in
.build_venv-page/ at the top of the repository. Without Chromium it says so and ends with 0. Exit
code 1: a check failed, named; 2: the check itself could not run.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build_venv-page"
# The second holds axe-core as a file; what it depends on is not needed for that.
PACKAGES = ["websockets==15.0.1", "axe-playwright-python==0.1.8"]

SMALL = """
optbench: 1
name: page
title: A page <with> "marks"
problems:
  - {name: valley, function: {name: rosenbrock, dimension: 2}, target: {metric: train_loss, at_most: 1.0}}
  - {name: bowl, function: {name: quadratic, dimension: 4}}
optimizers:
  - sgd
  - momentum
  - adam
  # What would act if a page took it for markup.
  - {name: adam, betas: [0.5, 0.9], label: "</script><img src=x onerror=alert(1)> & \\"q\\" 100%"}
learning_rate: [1.0e-3, 1.0e-2, 1.0e-1, 1.0]
clipping:
  - none
  - {name: global-norm, max_norm: 1.0}
seeds: 4
budget: {steps: 300}
evaluate: {every: 30}
"""
# 20 optimizers by 2 clippings by 10 rates by 10 seeds.
LARGE = """
optbench: 1
name: large
problems:
  - {name: valley, function: {name: rosenbrock, dimension: 2}}
optimizers: [sgd, momentum, nesterov, asgd, signsgd, signum, lion, adagrad, adadelta, rmsprop,
  adam, adamw, adamax, nadam, radam, adabelief, yogi, adan, adopt, lamb]
learning_rate: [1.0e-5, 1.0e-4, 3.0e-4, 1.0e-3, 3.0e-3, 1.0e-2, 3.0e-2, 1.0e-1, 3.0e-1, 1.0]
clipping:
  - none
  - {name: global-norm, max_norm: 1.0}
seeds: 10
budget: {steps: 200}
evaluate: {every: 50}
"""
LARGEST_PAGE = 1_500_000
# What is aimed at is 2 s; a machine that does other things besides may take longer.
LONGEST_OPENING = 6.0


def fail(message):
    print(f"page_test: {message}", file=sys.stderr)
    sys.exit(1)


def enter_environment():
    """Continues within the virtual environment, which is made and filled where it is missing."""
    python = ENVIRONMENT / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    test = [str(python), "-c", "import websockets, axe_playwright_python"]
    if not python.exists() or subprocess.run(test, capture_output=True).returncode != 0:
        print(f"making {ENVIRONMENT} with {', '.join(PACKAGES)}", flush=True)
        try:
            venv.create(ENVIRONMENT, with_pip=True, clear=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps",
                       "--disable-pip-version-check", *PACKAGES]
            subprocess.run(install, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"page_test: cannot make {ENVIRONMENT}: {error}\n"
                  "  needs python3-venv and a package index (PyPI)", file=sys.stderr)
            sys.exit(2)
    os.execv(python, [str(python), __file__, *sys.argv[1:]])


class Browser:
    """A Chromium of its own, over the DevTools protocol."""

    def __init__(self, program, folder):
        from websockets.sync.client import connect

        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            [program, "--headless=new", *root, "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
             f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            address = re.search(r"DevTools listening on ws://([^/]+)/", line)
            if address:
                break
        else:
            fail("Chromium did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        with urllib.request.urlopen(f"http://{address[1]}/json") as answer:
            page = next(entry for entry in json.load(answer) if entry["type"] == "page")
        self.socket = connect(page["webSocketDebuggerUrl"], max_size=None)
        self.number = 0
        self.events = []
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(
            json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=120))
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, page, fragment=""):
        """Opens the page; gives the seconds until it was drawn."""
        self.call("Page.navigate", url="about:blank")
        self.value("1")
        self.events.clear()
        start = time.monotonic()
        self.call("Page.navigate", url=page.as_uri() + fragment)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self.socket.recv(timeout=120)))
        self.value("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return time.monotonic() - start

    def value(self, expression):
        """The value of a script's expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def media(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def width(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)

    def box(self, selector):
        return self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.x, b.y, b.width, b.height]; })()")

    def mouse(self, kind, selector, across, down):
        x, y, width, height = self.box(selector)
        self.call("Input.dispatchMouseEvent", type=kind, x=x + width * across,
                  y=y + height * down, button="left" if kind != "mouseMoved" else "none",
                  buttons=0 if kind == "mouseReleased" else 1, clickCount=1)

    def press(self, key):
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ["keyDown", "keyUp"]:
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, text="\r" if key == "Enter" else "")

    def complaints(self):
        """What went to the console, and what was asked of anybody."""
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"].get("exception", {}).get("description"))
            elif event["method"] == "Runtime.consoleAPICalled":
                found.append(f"console: {parameters['args']}")
            elif event["method"] == "Log.entryAdded":
                found.append(f"log: {parameters['entry']['text']}")
            elif event["method"] == "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if not address.startswith(("file:", "data:")):
                    found.append(f"request: {address}")
        return found

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(timeout=20)
        except Exception:
            self.process.kill()
            self.process.wait()


class Checks:
    """Counts checks and remembers which failed."""

    def __init__(self):
        self.passed = 0
        self.failed = []

    def __call__(self, is_true, what, found=""):
        if is_true:
            self.passed += 1
        else:
            self.failed.append(what)
            print(f"page_test: not so: {what} {found}", file=sys.stderr)


def check_tables(browser, check):
    # The first table of methods that can be sorted by a second column of numbers.
    browser.value("""
        window.rows = (table) => [...table.tBodies[0].rows].filter((row) => row.getClientRects().length);
        window.first = [...document.querySelectorAll('main table')].find((table) => table.querySelector('tr[data-m]') && table.tBodies[0].rows.length > 5);
        window.head = [...first.tHead.rows[0].cells].findIndex((cell) => cell.textContent === 'Exploded');
        window.column = () => rows(first).map((row) => +row.cells[head].textContent);
        window.press = () => first.tHead.rows[0].cells[head].querySelector('button').click()""")
    numbers = browser.value("column()")
    browser.value("press()")
    check(browser.value("column()") == sorted(numbers), "a press of a head sorts the rows")
    check(browser.value("first.tHead.rows[0].cells[head].getAttribute('aria-sort')")
          == "ascending", "and says so")
    browser.value("press()")
    check(browser.value("column()") == sorted(numbers, reverse=True), "another turns them round")
    browser.value("""
        window.filter = (text) => { const box = document.querySelector('#explorer input[type=search]');
          box.value = text; box.dispatchEvent(new Event('input')); }""")
    before = browser.value("document.querySelectorAll('#explorer tbody tr').length")
    browser.value("filter('adam seed=3')")
    names = browser.value(
        "[...document.querySelectorAll('#explorer tbody a')].map((link) => link.textContent)")
    check(0 < len(names) < before and all("adam" in name and "seed=3" in name for name in names),
          "the table of runs filters", names)
    browser.value("filter('')")


def check_methods(browser, check):
    shown = """[...document.querySelectorAll('main [data-m="2"]')]
        .filter((part) => part.getClientRects().length).length"""
    check(browser.value(shown) > 10, "a method stands in tables and pictures")
    count = browser.value("document.querySelector('#explorer .note').textContent")
    browser.value("document.querySelector('[data-method=\"2\"] input').click()")
    check(browser.value(shown) == 0, "it goes from all of them at once")
    check(browser.value("document.querySelector('#explorer .note').textContent") != count,
          "and from the runs")
    browser.value("document.querySelector('[data-method=\"2\"] input').click()")
    check(browser.value(shown) > 10, "it comes back")


def check_pictures(browser, check):
    tip = "document.querySelector('#tip').hidden ? '' : document.querySelector('#tip').textContent"
    browser.mouse("mouseMoved", ".frame[data-x]", 0.4, 0.5)
    found = browser.value(tip)
    check("learning rate" in found and "sgd" in found, "values stand beside the pointer", found)
    browser.mouse("mouseMoved", ".cells", 0.9, 0.5)
    found = browser.value(tip)
    check("seed=" in found, "and the run of a square", found)
    browser.mouse("mousePressed", ".cells", 0.9, 0.5)
    browser.mouse("mouseReleased", ".cells", 0.9, 0.5)
    browser.value("new Promise((done) => setTimeout(done, 50))")
    check("seed=" in browser.value("document.querySelector('#run h3')?.textContent ?? ''"),
          "a press on it opens the run")
    chart = "#explorer svg.chart"
    ticks = "[...document.querySelectorAll('#explorer svg .tick')].map((tick) => tick.textContent).join()"
    before = browser.value(ticks)
    for kind, across, down in [("mousePressed", 0.3, 0.3), ("mouseMoved", 0.5, 0.5),
                               ("mouseMoved", 0.6, 0.7), ("mouseReleased", 0.6, 0.7)]:
        browser.mouse(kind, chart, across, down)
    zoomed = browser.value(ticks)
    check(zoomed != before, "dragging zooms")
    browser.value("[...document.querySelectorAll('#explorer button')].find((b) => b.textContent === 'Whole range').click()")
    check(browser.value(ticks) == before, "and there is a way back")
    browser.value("document.querySelector('#explorer input[type=checkbox]').click()")
    check(browser.value(ticks) != before, "the axis turns logarithmic or linear")
    browser.mouse("mouseMoved", chart, 0.3, 0.6)


def check_run(browser, check, page):
    """A failed run, by its address alone."""
    data = json.loads(browser.value("document.querySelector('#data').textContent"))
    check(len(data["keys"]) == 256, "all runs are on the page", len(data["keys"]))
    key = "valley/sgd none lr=1 seed=2"
    browser.open(page, "#run-" + urllib.parse.quote(key, safe=""))
    text = browser.value("document.querySelector('#run').innerText")
    check("Run sgd none lr=1 seed=2" in text, "a run has an address", text[:200])
    check(re.search(r"(Exploded|Became NaN or infinite) at step \d+", text), "it says how it ended")
    check("Last steps: gradient norm by tensor" in text, "with what the flight recorder kept")
    check(browser.value("document.querySelectorAll('#run svg.chart').length") == 2,
          "with its curves")
    check(browser.value("document.querySelectorAll('img').length") == 0, "no label acts")
    key = next(key for key in browser.value("[...byHash.keys()]") if "onerror" in key and "seed=3" in key)
    browser.open(page, "#" + urllib.parse.quote(key[1:], safe=""))
    check("onerror=alert(1)" in browser.value("document.querySelector('#run h3').textContent"),
          "a run of any name has an address")
    check(not browser.complaints(), "nothing on the console, no request", browser.complaints())


def check_access(browser, check, page, axe):
    browser.open(page)
    browser.press("Tab")
    check(browser.value("document.activeElement.className") == "skip",
          "the keyboard's first stop leads past the contents")
    browser.value("document.querySelector('main th button').focus()")
    browser.press("Enter")
    check(browser.value("document.querySelector('main th').getAttribute('aria-sort')")
          == "ascending", "the keyboard sorts")
    browser.value("location.hash = document.querySelector('#explorer tbody a').getAttribute('href')")
    browser.width(390, 844)
    for scheme in ["light", "dark"]:
        browser.media(scheme)
        browser.value("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        wide = browser.value("document.documentElement.scrollWidth")
        check(wide <= 390, "the page fits a telephone", wide)
        browser.value(axe)
        found = browser.value("""axe.run(document, {resultTypes: ['violations']}).then((result) =>
            result.violations.filter((entry) => ['serious', 'critical'].includes(entry.impact))
              .map((entry) => `${entry.id}: ${entry.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))}`))""")
        check(not found, f"axe finds nothing serious ({scheme})", found)
    browser.media("light")
    browser.width(1280)
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    check(pdf.startswith(b"%PDF") and len(pdf) > 20_000, "it prints")


def page_of(optbench, folder, name, spec):
    (folder / f"{name}.yml").write_text(spec)
    result = folder / f"{name}.h5"
    for arguments in [["run", folder / f"{name}.yml", "--output", result],
                      ["report", result, "--format", "html", "--output", folder / name]]:
        done = subprocess.run([optbench, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            fail(f"optbench {arguments[0]}: {done.stderr}")
    return folder / name / "report.html"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--optbench", default=ROOT / ".build/release/optbench")
    parser.add_argument("--keep", help="a folder in which the pages stay")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("page_test: skipped, Chromium is not installed (apt-get install chromium)")
        return
    enter_environment()
    import axe_playwright_python

    axe = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    check = Checks()
    temporary = tempfile.mkdtemp()
    try:
        folder = pathlib.Path(options.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        small = page_of(options.optbench, folder, "page", SMALL)
        large = page_of(options.optbench, folder, "large", LARGE)
        browser = Browser(chromium, pathlib.Path(temporary) / "profile")
        try:
            browser.media("light")
            browser.width(1280)
            browser.open(small)
            check(not browser.complaints(), "the page opens in silence", browser.complaints())
            check_tables(browser, check)
            check_methods(browser, check)
            check_pictures(browser, check)
            check(not browser.complaints(), "and stays silent", browser.complaints())
            check_run(browser, check, small)
            check_access(browser, check, small, axe)
            seconds = browser.open(large)
            check(not browser.complaints(), "the large page opens in silence", browser.complaints())
            size = large.stat().st_size
            check(size <= LARGEST_PAGE, "4,000 runs are at most 1.5 MB", size)
            check(seconds <= LONGEST_OPENING, "they open soon", seconds)
            count = browser.value("JSON.parse(document.querySelector('#data').textContent).keys.length")
            check(count == 4000, "all are there", count)
            print(f"page_test: 4,000 runs: {size / 1e6:.2f} MB, open in {seconds:.2f} s")
        finally:
            browser.close()
    finally:
        # Chromium's helpers may still be writing into the profile.
        shutil.rmtree(temporary, ignore_errors=True)
    print(f"{check.passed} passed, {len(check.failed)} failed")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
