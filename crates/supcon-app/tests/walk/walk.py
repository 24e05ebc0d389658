#!/usr/bin/env python3
"""A walk through the real window: `crates/supcon-app/tests/walk/walk.py PROGRAM OUT`.

Starts Xvfb and the program in it, drawn by software Vulkan, and uses it with xdotool as a person would: trains
`shapes` (shortened), inspects a pair, pauses and changes it, stops it by closing, opens it again, goes on to the
end, starts the same run with SimCLR, compares the two. Then it opens both runs again from the list in both themes
and at both sizes. A picture of every panel goes to OUT. What happened is checked by the files of the runs; a step
that does not happen ends the walk with what was waited for.

Needs Xvfb, xdotool, ImageMagick's `import` and a software Vulkan driver (`cargo xtask setup` installs that).
"""

import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

SIZES = [(1024, 640), (1920, 1080)]
ICD = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
# Tabs of the middle, from the left edge: the panel beside them is 290 points wide.
TABS = {"Views": 322, "Embedding": 401, "Results": 486, "Compare": 563, "Runs": 634}
TAB_Y = 60


class Walk:
    def __init__(self, program, out):
        self.program, self.out = program, out
        self.home = out / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.runs = self.home / "runs"
        self.config = self.home / "config"
        self.config.mkdir(parents=True)
        self.env = dict(
            os.environ,
            DISPLAY=":93",
            VK_DRIVER_FILES=ICD,
            VK_ICD_FILENAMES=ICD,
            WGPU_BACKEND="vulkan",
            SUPCON_RUNS_DIR=str(self.runs),
            SUPCON_CONFIG_DIR=str(self.config),
        )
        self.env.pop("WAYLAND_DISPLAY", None)
        screen = f"{SIZES[-1][0]}x{SIZES[-1][1]}x24"
        self.server = subprocess.Popen(
            ["Xvfb", ":93", "-screen", "0", screen, "-nolisten", "tcp"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.app = None
        time.sleep(1)
        if self.server.poll() is not None:
            sys.exit("Xvfb did not start: is display :93 taken?")

    # What a person does.

    def xdo(self, *arguments):
        words = [str(argument) for argument in arguments]
        done = subprocess.run(["xdotool", *words], env=self.env, capture_output=True, text=True)
        return done.stdout.split()

    def open(self, size, theme, **settings):
        """Starts the program with settings laid over those it kept."""
        self.size = size
        path = self.config / "window.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        kept.update(settings, theme=theme, window=list(size))
        path.write_text(json.dumps(kept))
        log = (self.out / "program.log").open("a")
        self.app = subprocess.Popen([self.program], env=self.env, stdout=log, stderr=log)
        self.until("a window", lambda: self.xdo("search", "--name", "^supcon$"))
        self.window = self.xdo("search", "--name", "^supcon$")[0]
        self.xdo("windowmove", self.window, 0, 0)
        self.xdo("windowsize", self.window, *size)
        self.xdo("windowfocus", self.window)
        time.sleep(4)

    def close(self):
        """What a window manager sends when someone presses its cross; there is none here."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self.env["DISPLAY"].encode()))
        protocols, delete = (x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
        window = ctypes.c_ulong(int(self.window))
        # An XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data.
        fields = [33, 0, 0, 0, window.value, protocols, 32, delete]
        event = (ctypes.c_long * 24)(*fields)
        x.XSendEvent(display, window, 0, 0, event)
        x.XCloseDisplay(display)

    def click(self, x, y, wait=1.0):
        """From the right and bottom edge where negative."""
        x, y = (x if x >= 0 else self.size[0] + x), (y if y >= 0 else self.size[1] + y)
        self.xdo("mousemove", x, y)
        time.sleep(0.15)
        self.xdo("click", 1)
        time.sleep(wait)

    def tab(self, name):
        self.click(TABS[name], TAB_Y)

    def key(self, *names):
        # Without a window manager nobody else gives the window the keyboard.
        self.xdo("windowfocus", self.window)
        for name in names:
            self.xdo("key", name)
            time.sleep(0.4)

    def away(self):
        """The pointer off everything, so that no tooltip is in the picture."""
        self.xdo("mousemove", 3, self.size[1] - 3)
        time.sleep(0.8)

    def shot(self, name):
        size = f"{self.size[0]}x{self.size[1]}+0+0"
        path = self.out / f"{name}.png"
        subprocess.run(["import", "-window", "root", "-crop", size, path], env=self.env, check=True)
        print("picture", path.name, flush=True)

    # What came of it.

    def until(self, what, is_true, limit=900):
        start = time.time()
        while not is_true():
            if self.app and self.app.poll() not in (None, 0):
                sys.exit(f"the program ended while waiting for {what}: see program.log")
            if time.time() - start > limit:
                self.shot("stuck")
                sys.exit(f"no {what} within {limit} s")
            time.sleep(0.3)
        print(f"{time.time() - start:6.1f} s until {what}", flush=True)

    def events(self, run):
        path = self.runs / run / "events.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line)["msg"] for line in lines if line.endswith("}")]

    def has(self, run, wanted):
        return any(wanted(event) for event in self.events(run))

    def until_state(self, run, state):
        self.until(f"{run} {state}", lambda: self.has(run, lambda e: e == {"state": state}))

    def frames(self, run):
        return len(list((self.runs / run / "frames").glob("*.bin")))

    def end(self):
        if self.app and self.app.poll() is None:
            self.app.terminate()
        self.server.terminate()


def shortened(settings):
    """The built-in recipe with a tenth of the steps."""
    draft = settings["draft"]
    draft["data"].update(shapes_train=3000, shapes_test=600)
    draft["contrastive"]["length"] = draft["cross_entropy"]["length"] = "80 steps"
    draft["linear"]["length"] = "200 steps"
    return draft


def inspect(walk, tries=9):
    """Clicks into the map until a point is hit: then the pointer shows a card and the pairs their lines."""
    width, height = walk.size
    for k in range(tries):
        x = 300 + (0.34 * (width - 290)) * (0.3 + 0.2 * (k % 3)) * 2 - 40
        y = height * (0.35 + 0.12 * (k // 3))
        walk.click(int(x), int(y), wait=0.8)


def train(walk):
    walk.open(SIZES[0], "Dark")
    walk.shot("1-opening")
    walk.xdo("mousemove", 36, 287)
    time.sleep(1.5)
    walk.shot("2-tooltip")
    walk.app.terminate()
    walk.app.wait()
    kept = json.loads((walk.config / "window.json").read_text())
    walk.open(SIZES[0], "Dark", draft=shortened(kept))
    walk.away()
    walk.shot("3-ready")
    walk.click(145, -30)
    walk.until("the first steps", lambda: walk.has("shapes-1", lambda e: "step" in e))
    walk.until("three recorded frames", lambda: walk.frames("shapes-1") >= 3)
    walk.away()
    walk.shot("4-training")
    inspect(walk)
    walk.shot("5-pair")
    walk.key("ctrl+p")
    walk.until_state("shapes-1", "paused")
    walk.shot("6-paused")
    walk.key("ctrl+p")
    walk.close()
    time.sleep(4)
    walk.shot("7-closing-asks")
    # "Stop, save and close" of the dialog in the middle.
    walk.click(walk.size[0] // 2 - 120, walk.size[1] // 2 + 36)
    walk.until_state("shapes-1", "stopped")
    walk.until("the program to end", lambda: walk.app.poll() is not None, 60)


def resume(walk):
    walk.open(SIZES[0], "Dark")
    time.sleep(3)
    walk.away()
    walk.shot("8-reopened")
    # Resume, the large button.
    walk.click(145, 130)
    walk.until_state("shapes-1", "finished")
    time.sleep(3)
    walk.away()
    walk.shot("9-finished")
    walk.tab("Compare")
    walk.shot("10-compare-before")
    # SimCLR, the third of "the same run with".
    walk.click(520, 130)
    walk.until("the second run", lambda: walk.has("shapes-2", lambda e: "step" in e))
    time.sleep(8)
    walk.away()
    walk.shot("11-second-run")
    walk.until_state("shapes-2", "finished")
    time.sleep(3)
    walk.tab("Compare")
    walk.away()
    walk.shot("12-compared")
    walk.close()
    walk.until("the program to end", lambda: walk.app.poll() is not None, 60)


def look(walk, size, theme):
    """Every panel of the two runs, opened from the list."""
    at = f"{theme.lower()}-{size[0]}"
    walk.open(size, theme, layout=None)
    walk.away()
    walk.shot(f"{at}-views")
    walk.tab("Runs")
    walk.away()
    walk.shot(f"{at}-runs")
    for row in (1, 0):
        # Open, the first button of a row.
        walk.click(330, 188 + 38 * row, wait=5)
        walk.tab("Runs")
    walk.tab("Embedding")
    walk.away()
    walk.shot(f"{at}-embedding")
    inspect(walk)
    walk.away()
    walk.shot(f"{at}-pairs")
    walk.key("space")
    time.sleep(1)
    walk.key("space")
    walk.shot(f"{at}-film")
    for name in ("Results", "Compare"):
        walk.tab(name)
        walk.away()
        walk.shot(f"{at}-{name.lower()}")
        walk.xdo("mousemove", 480, size[1] // 2)
        for part in (2, 3):
            for _ in range(12):
                walk.xdo("click", 5)
            time.sleep(1.2)
            walk.shot(f"{at}-{name.lower()}-{part}")
    walk.key("F1")
    walk.away()
    walk.shot(f"{at}-help")
    walk.key("Escape")
    walk.close()
    walk.until("the program to end", lambda: walk.app.poll() is not None, 60)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    walk = Walk(pathlib.Path(sys.argv[1]).resolve(), out)
    try:
        train(walk)
        resume(walk)
        for theme in ("Dark", "Light"):
            for size in SIZES:
                look(walk, size, theme)
    finally:
        walk.end()


main()
