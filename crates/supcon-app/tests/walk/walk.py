#!/usr/bin/python3
"""A walk through the real window: `crates/supcon-app/tests/walk/walk.py PROGRAM OUT [PART...]`.

Starts the program on a screen of its own, drawn by software Vulkan, and uses it as a person would. Parts, in order:
`train` (shapes, shortened: watch, inspect a pair, change the temperature, pause, stop by closing), `resume` (open it
again, go on to the end, the same run with SimCLR, compare; the map as files, numbers as colours, all test images,
the worst mistake), `drop` (images, a run and a folder without pictures dropped on the window, a path typed in),
`runs` (rename, delete, undo), `data` (CIFAR-10 as a folder, a tarball and an .npz, and a few steps on it; only where
SUPCON_TEST_DATA names a folder with `cifar-10-subset`) and `look` (every panel in both themes and at every size).
Without parts all are walked; later ones need the runs of the earlier. A picture of
every panel goes to OUT. What happened is checked by the window's controls and by the files; a step that does not
happen ends the walk with what was waited for.

Needs Xvfb, xdotool, ImageMagick, dbus, at-spi2-core, gir1.2-atspi-2.0, python3-gi, python3-xlib and a software
Vulkan driver.
"""

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from arrays import write_npz  # noqa: E402
from drag import drag  # noqa: E402
from window import Atspi, Window  # noqa: E402

SMALL, USUAL, LARGE = (1024, 640), (1280, 800), (1920, 1080)
# Width and height in pixels, and how many of them make a point: the last is a 4K screen at 200 %.
SIZES = [(SMALL, 1), (USUAL, 1), (LARGE, 1), ((3840, 2160), 2)]
FIRST, SECOND = "shapes-1", "shapes-2"


class Walk(Window):
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

    def tab(self, name):
        self.press(name)
        self.settle(5)
        self.away()

    def inspect(self):
        """Clicks into the map until a point is hit: then the pairs show up beside it."""
        x, y, width, height = self.until_there("Embedding map of", exactly=False).rect()
        for k in range(25):
            across, down = 0.2 + 0.15 * (k % 5), 0.25 + 0.12 * (k // 5)
            self.click(int(x + across * width), int(y + down * height))
            time.sleep(1)
            if self.find("Anchor: ", exactly=False):
                return
        sys.exit("no point of the map was hit")

    def scroll_to(self, name):
        """Turns the wheel over the middle pane until a control is seen."""
        for _ in range(40):
            node = self.find(name)
            if node and 90 * self.scale < node.rect()[1] < 0.72 * self.size[1]:
                return
            self.xdo("click", 5)
            time.sleep(0.3)


def shortened(settings):
    """The built-in recipe with a tenth of the steps."""
    draft = settings["draft"]
    draft["name"] = "shapes"
    draft["data"].update(source="shapes", shapes_train=3000, shapes_test=600)
    draft["contrastive"]["length"] = draft["cross_entropy"]["length"] = "80 steps"
    draft["linear"]["length"] = "200 steps"
    return draft


def train(walk):
    walk.open(SMALL, "Dark")
    walk.until_there("Train")
    walk.shot("1-opening")
    walk.hover("Temperature τ", "slider")
    walk.until_there("Temperature τ divides", exactly=False)
    walk.shot("2-tooltip")
    walk.app.terminate()
    walk.app.wait()
    walk.open(SMALL, "Dark", draft=shortened(walk.settings()))
    walk.until_there("600 test images", exactly=False)
    walk.shot("3-ready")
    walk.press("Train")
    walk.until("the first steps", lambda: walk.has(FIRST, lambda e: "step" in e))
    walk.until("three recorded frames", lambda: walk.frames(FIRST) >= 3)
    walk.until_there("Embedding map of", exactly=False)
    walk.away()
    walk.shot("4-training", 8)
    walk.inspect()
    walk.shot("5-pair", 8)
    change_temperature(walk)
    walk.key("ctrl+p")
    walk.until_state(FIRST, "paused")
    walk.until_there("Continue")
    walk.away()
    walk.shot("6-paused")
    walk.press("L_in")
    walk.away()
    walk.shot("7-pair-inside")
    walk.key("ctrl+p")
    walk.close()
    walk.until_there("A run is in progress")
    walk.shot("8-closing-asks", 8)
    walk.press("Stop, save and close")
    walk.until_state(FIRST, "stopped")
    walk.until_ended()


def change_temperature(walk):
    slider = walk.until_there("Temperature τ", "slider")
    Atspi.Value.set_current_value(slider.accessible, 0.2)
    walk.until("the change in the log", lambda: walk.has(FIRST, lambda e: "config_changed" in e))


def resume(walk):
    walk.open(SMALL, "Dark")
    walk.until_there("Resume")
    walk.until_there("Embedding map of", exactly=False)
    walk.away()
    walk.shot("9-reopened")
    walk.press("Resume")
    walk.until_state(FIRST, "finished")
    walk.until_there("Finished")
    walk.away()
    walk.shot("10-finished")
    walk.tab("Compare")
    walk.until_there("SimCLR", "push button")
    walk.shot("11-compare-before")
    walk.press("SimCLR", "push button")
    walk.until("the second run", lambda: walk.has(SECOND, lambda e: "step" in e))
    walk.until("its frames", lambda: walk.frames(SECOND) >= 2)
    walk.away()
    walk.shot("12-second-run", 8)
    walk.until_state(SECOND, "finished")
    walk.until_there("Finished")
    walk.tab("Compare")
    walk.until_there("Map of run 2", exactly=False)
    walk.shot("13-compared")
    after(walk)


def is_file(path, magic):
    return path.exists() and path.read_bytes()[: len(magic)] == magic


def after(walk):
    """What the engine that trained can still do."""
    walk.tab("Embedding")
    for kind, magic in (("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("GIF", b"GIF89a")):
        what = "film" if kind == "GIF" else "map"
        walk.press("View ▾")
        walk.until_there(f"Save {what} as {kind}…")
        if kind == "PNG":
            walk.shot("14-view-menu")
        walk.press(f"Save {what} as {kind}…")
        # There is neither a portal nor zenity here: the window asks itself.
        walk.until_there("Where to?")
        path = walk.out / f"saved-map.{kind.lower()}"
        path.unlink(missing_ok=True)
        walk.type(path)
        if kind == "PNG":
            walk.shot("15-where-to")
        walk.key("Return")
        walk.until(f"the {kind}", lambda: is_file(path, magic))
    walk.press("View ▾")
    walk.press("Show all test images")
    walk.until_there("Embedding map of 600 images")
    walk.away()
    walk.shot("16-all-test-images")
    walk.press("Colour by")
    walk.press("Colour: loss as an anchor, nats")
    walk.until_there("Scale from", exactly=False)
    walk.away()
    walk.shot("17-coloured-by-loss")
    walk.press("Colour by")
    walk.press("Colour: class")
    walk.tab("Results")
    mistake = walk.until_there("that the classifier calls", exactly=False)
    walk.xdo("mousemove", *walk.middle(walk.until_there("Linear top-1, %")))
    walk.scroll_to(mistake.name)
    walk.press(mistake.name)
    walk.until_there("Anchor: ", exactly=False)
    walk.away()
    walk.shot("18-mistake-in-the-map")
    walk.close()
    walk.until_ended()


def pictures(folder):
    """Two classes of forty small pictures."""
    for name, color in (("red", "#c03020"), ("blue", "#2050c0")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for k in range(40):
            circle = f"circle {10 + k % 12},{10 + k // 4} {16 + k % 12},{12 + k // 4}"
            command = ["convert", "-size", "32x32", f"xc:{color}", "-fill", "white", "-draw", circle]
            subprocess.run([*command, folder / name / f"{k}.png"], check=True)


def drop(walk):
    images, empty = walk.home / "two colours", walk.home / "nothing"
    pictures(images)
    empty.mkdir(exist_ok=True)
    walk.open(USUAL, "Light", layout=None)
    middle = (walk.size[0] // 2, walk.size[1] // 2)

    def hovers():
        walk.until_there("Drop ", exactly=False)
        walk.shot("19-dropping")

    def onto(path, before_drop=lambda: None):
        if not drag(walk.display, int(walk.window), path, middle, before_drop):
            sys.exit("the window did not say that it took what was dropped")

    onto(images, hovers)
    walk.until_there("two colours")
    walk.until_there("2 classes", exactly=False)
    walk.shot("20-dropped-images")
    onto(walk.runs / FIRST)
    walk.until_there("Embedding map of", exactly=False)
    walk.shot("21-dropped-run")
    onto(empty)
    walk.until_there("That did not work")
    walk.shot("22-error")
    walk.press("OK")
    walk.press("New run")
    walk.press("Folder…")
    walk.until_there("Which images?")
    walk.type("/nowhere")
    walk.key("Return")
    walk.until_there("There is nothing at /nowhere", exactly=False)
    walk.shot("23-a-path")
    walk.type(images)
    walk.key("Return")
    walk.until_gone("Which images?")
    walk.close()
    walk.until_ended()


def runs(walk):
    walk.open(USUAL, "Light", layout=None)
    walk.tab("Runs")
    walk.press(f"Rename {SECOND}")
    walk.until_there("Rename the run")
    walk.type("simclr")
    walk.shot("24-renaming")
    walk.key("Return")
    walk.until("the new name", (walk.runs / "simclr").is_dir)
    walk.until_there("Open simclr")
    walk.press("Delete simclr")
    walk.until("the deletion", lambda: not (walk.runs / "simclr").exists())
    walk.until_there("Undo the deletion")
    walk.away()
    walk.shot("25-deleted")
    walk.key("ctrl+z")
    walk.until("the run to come back", (walk.runs / "simclr").is_dir)
    walk.until_there("Open simclr")
    walk.shot("26-brought-back")
    walk.close()
    walk.until_ended()


def data(walk):
    """Real images: a folder as downloaded, its tarball dropped, an array dropped; then a few steps on them."""
    place = os.environ.get("SUPCON_TEST_DATA")
    if place is None:
        print("SUPCON_TEST_DATA names no data: this part is left out", flush=True)
        return
    cifar = pathlib.Path(place) / "cifar-10-subset"
    tarball, arrays = walk.home / "cifar-10-binary.tar.gz", walk.home / "cifar.npz"
    with tarfile.open(tarball, "w:gz") as archive:
        for path in sorted([*cifar.glob("*.bin"), cifar / "batches.meta.txt"]):
            archive.add(path, f"cifar-10-batches-bin/{path.name}")
    write_npz(arrays, cifar)
    draft = shortened(walk.settings())
    draft["name"] = "images"
    draft["data"]["source"] = "images"
    draft["methods"] = ["supcon"]
    walk.open(USUAL, "Dark", layout=None, unfinished=None, draft=draft, place=str(cifar))
    walk.until_there("CIFAR, binary version, 10 classes", exactly=False)
    walk.shot("27-cifar-folder")
    middle = (walk.size[0] // 2, walk.size[1] // 2)
    for path, said, name in (
        (arrays, "NumPy arrays", "28-npz"),
        (tarball, "CIFAR, binary version in cifar-10-binary.tar.gz", "29-tarball"),
    ):
        if not drag(walk.display, int(walk.window), path, middle, lambda: None):
            sys.exit("the window did not say that it took what was dropped")
        walk.until_there(said, exactly=False)
        walk.away()
        walk.shot(name)
    walk.press("Train")
    run = "images-1"
    walk.until("three recorded frames", lambda: walk.frames(run) >= 3)
    walk.until_there("Embedding map of", exactly=False)
    walk.inspect()
    walk.away()
    walk.shot("30-cifar-pair", 8)
    walk.press("L_in")
    walk.away()
    walk.shot("31-cifar-pair-inside", 8)
    walk.until_state(run, "finished")
    walk.until_there("Finished")
    walk.away()
    walk.shot("32-cifar-results")
    walk.close()
    walk.until_ended()


def look(walk):
    for theme in ("Dark", "Light"):
        for size, scale in SIZES:
            look_at(walk, size, scale, theme)


def look_at(walk, size, scale, theme):
    """Every panel of the two runs, opened from the list."""
    at = f"{theme.lower()}-{size[0]}"
    names = sorted(path.name for path in walk.runs.iterdir() if path.name[0] != ".")
    walk.open(size, theme, scale, layout=None, draft=shortened(walk.settings()), place=None)
    walk.shot(f"{at}-views")
    walk.tab("Runs")
    walk.until_there(f"Open {names[0]}")
    walk.shot(f"{at}-runs")
    for name in names:
        walk.press(f"Open {name}")
        walk.until_there("Embedding map of", exactly=False)
        walk.tab("Runs")
    walk.tab("Embedding")
    walk.until_there("Embedding map of", exactly=False)
    walk.shot(f"{at}-embedding")
    walk.inspect()
    walk.away()
    walk.shot(f"{at}-pairs")
    walk.press("Colour by")
    walk.press("Colour: neighbours of its class")
    walk.until_there("Scale from", exactly=False)
    walk.tab("Similarities")
    walk.shot(f"{at}-numbers")
    walk.press("Colour by")
    walk.press("Colour: class")
    walk.key("Left", "Left")
    walk.away()
    walk.shot(f"{at}-earlier-frame")
    walk.tab("Results")
    walk.until_there("Linear top-1, %")
    pages(walk, f"{at}-results", "Linear top-1, %")
    walk.tab("Compare")
    walk.until_there("Map of run 2", exactly=False)
    pages(walk, f"{at}-compare", "Open a recorded run…")
    walk.key("F1")
    walk.until_there("First steps")
    walk.shot(f"{at}-help")
    walk.key("Escape")
    walk.until_gone("First steps")
    walk.press("Tour")
    walk.until_there("What is a view?")
    walk.away()
    walk.shot(f"{at}-tour")
    walk.press("End the tour")
    walk.close()
    walk.until_ended()


def pages(walk, name, inside):
    """Pictures of a pane that is longer than the window, down to its end."""
    walk.shot(name)
    at = walk.middle(walk.until_there(inside))
    last = walk.pixels()
    for page in (2, 3, 4):
        walk.xdo("mousemove", *at)
        for _ in range(int(6 * walk.size[1] / walk.scale / 640)):
            walk.xdo("click", 5)
        # The wheel turns where the pointer is at the end of the frame.
        walk.settle()
        walk.away()
        walk.settle()
        if walk.pixels() == last:
            return
        last = walk.pixels()
        walk.picture(f"{name}-{page}")


PARTS = {"train": train, "resume": resume, "drop": drop, "runs": runs, "data": data, "look": look}


def main():
    if len(sys.argv) < 3 or not set(sys.argv[3:]) <= set(PARTS):
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[2]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    parts = sys.argv[3:] or list(PARTS)
    program = pathlib.Path(sys.argv[1]).resolve()
    walk = Walk(program, out, SIZES[-1][0], keeps=parts[0] != "train")
    try:
        for part in parts:
            PARTS[part](walk)
    finally:
        walk.end()


if __name__ == "__main__":
    main()
