"""The program in a real window: a screen of its own (Xvfb), a bus of its own, and hands.

Controls are found by name through AT-SPI, as a screen reader finds them, and pressed with the pointer (xdotool)
where they say they are. Nothing is waited for by time: a picture is taken when what it is to show is there and two
pictures in a row are the same.
"""

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

ICD = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"


class Node:
    """A control or a text."""

    def __init__(self, accessible):
        self.accessible = accessible
        self.name = accessible.get_name() or ""
        self.role = accessible.get_role_name() or ""

    def rect(self):
        box = self.accessible.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        return box.x, box.y, box.width, box.height

    def is_enabled(self):
        return self.accessible.get_state_set().contains(Atspi.StateType.SENSITIVE)


class Window:
    def __init__(self, program, out, screen, keeps=False):
        """With nothing from an earlier walk, unless it `keeps` that."""
        self.program, self.out = program, out
        self.home = out / "home"
        if not keeps:
            shutil.rmtree(self.home, ignore_errors=True)
        self.runs, self.config = self.home / "runs", self.home / "config"
        self.config.mkdir(parents=True, exist_ok=True)
        self.processes = []
        self.app = None
        size = f"{screen[0]}x{screen[1]}x24"
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"]
        number = self.begin(command, stdout=subprocess.PIPE).stdout.readline().strip()
        if not number:
            sys.exit("Xvfb did not start")
        self.display = os.environ["DISPLAY"] = f":{number}"
        self.begin_bus()

    def begin(self, command, **more):
        process = subprocess.Popen(
            command, stdout=more.get("stdout", subprocess.DEVNULL), stderr=subprocess.DEVNULL, text=True
        )
        self.processes.append(process)
        return process

    def begin_bus(self):
        """A session bus where programs are told that someone reads the screen."""
        bus = self.begin(
            ["dbus-daemon", "--session", "--print-address", "--nofork"], stdout=subprocess.PIPE
        )
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        os.environ.pop("WAYLAND_DISPLAY", None)
        self.env = dict(
            os.environ,
            VK_DRIVER_FILES=ICD,
            VK_ICD_FILENAMES=ICD,
            WGPU_BACKEND="vulkan",
            SUPCON_RUNS_DIR=str(self.runs),
            SUPCON_CONFIG_DIR=str(self.config),
        )
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        for status in ("IsEnabled", "ScreenReaderEnabled"):
            session.call_sync(
                "org.a11y.Bus",
                "/org/a11y/bus",
                "org.freedesktop.DBus.Properties",
                "Set",
                GLib.Variant("(ssv)", ("org.a11y.Status", status, GLib.Variant("b", True))),
                None,
                Gio.DBusCallFlags.NONE,
                20_000,
                None,
            )
        Atspi.init()

    # Starting and ending.

    def settings(self):
        path = self.config / "window.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def open(self, size, theme, scale=1, **changed):
        """Starts the program with settings laid over those it kept; size in pixels of the screen."""
        self.size, self.scale = size, scale
        points = [side / scale for side in size]
        kept = dict(self.settings(), **changed, theme=theme, window=points)
        (self.config / "window.json").write_text(json.dumps(kept))
        log = (self.out / "program.log").open("a")
        env = dict(self.env, WINIT_X11_SCALE_FACTOR=str(scale))
        self.app = subprocess.Popen(["nice", "-n", "5", self.program], env=env, stdout=log, stderr=log)
        self.until("a window", lambda: self.xdo("search", "--name", "^supcon$"))
        self.window = self.xdo("search", "--name", "^supcon$")[0]
        self.xdo("windowmove", self.window, 0, 0)
        self.xdo("windowsize", self.window, *size)
        self.xdo("windowfocus", self.window)
        self.until("its controls", self.root)
        self.until("the images", lambda: not self.find("Loading images", exactly=False))
        self.away()
        self.settle(10)

    def close(self):
        """What a window manager sends when someone presses its cross; there is none here."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self.display.encode()))
        protocols, delete = (x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
        window = ctypes.c_ulong(int(self.window))
        # An XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data.
        event = (ctypes.c_long * 24)(*[33, 0, 0, 0, window.value, protocols, 32, delete])
        x.XSendEvent(display, window, 0, 0, event)
        x.XCloseDisplay(display)

    def until_ended(self):
        self.until("the program to end", lambda: self.app.poll() is not None, 60)

    def end(self):
        for process in [self.app, *reversed(self.processes)]:
            if process and process.poll() is None:
                process.terminate()

    # What is there.

    def root(self):
        desktop = Atspi.get_desktop(0)
        for k in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(k)
            if app and app.get_name() == self.program.name and app.get_child_count():
                return app
        return None

    def nodes(self):
        """Everything in the window, in reading order. What goes meanwhile is left out."""
        found, open_ = [], [self.root()]
        while open_:
            accessible = open_.pop()
            try:
                found.append(Node(accessible))
                accessible.clear_cache()
                count = accessible.get_child_count()
                open_.extend(accessible.get_child_at_index(k) for k in reversed(range(count)))
            except (GLib.Error, AttributeError):
                continue
        return found

    def find(self, name, role=None, exactly=True):
        def is_meant(node):
            has_name = node.name == name if exactly else name in node.name
            return has_name and (role is None or node.role == role)

        return next((node for node in self.nodes() if is_meant(node)), None)

    def until(self, what, is_true, limit=900):
        start = time.time()
        while not (value := is_true()):
            if self.app and self.app.poll() not in (None, 0):
                sys.exit(f"the program ended while waiting for {what}: see program.log")
            if time.time() - start > limit:
                self.picture("stuck")
                (self.out / "stuck.txt").write_text("\n".join(f"{n.role}: {n.name}" for n in self.nodes()))
                sys.exit(f"no {what} within {limit} s: see stuck.png and stuck.txt")
            time.sleep(0.3)
        print(f"{time.time() - start:6.1f} s until {what}", flush=True)
        return value

    def until_there(self, name, role=None, exactly=True, limit=120):
        return self.until(f"“{name}”", lambda: self.find(name, role, exactly), limit)

    def until_gone(self, name, exactly=True, limit=120):
        self.until(f"no “{name}”", lambda: not self.find(name, None, exactly), limit)

    # Hands.

    def xdo(self, *arguments):
        words = [str(argument) for argument in arguments]
        done = subprocess.run(["xdotool", *words], env=self.env, capture_output=True, text=True)
        return done.stdout.split()

    def middle(self, node):
        x, y, width, height = node.rect()
        return x + width // 2, y + height // 2

    def hover(self, name, role=None, exactly=True):
        at = self.middle(self.until_there(name, role, exactly))
        self.xdo("mousemove", *at)
        return at

    def press(self, name, role=None, exactly=True, button=1):
        self.hover(name, role, exactly)
        time.sleep(0.3)
        self.xdo("click", button)
        # A pointer that is elsewhere in the same frame would have clicked there.
        time.sleep(0.5)

    def click(self, x, y):
        self.xdo("mousemove", x, y)
        time.sleep(0.3)
        self.xdo("click", 1)

    def key(self, *names):
        # Without a window manager nobody else gives the window the keyboard.
        self.xdo("windowfocus", self.window)
        for name in names:
            self.xdo("key", name)
            time.sleep(0.4)

    def type(self, text):
        self.key("ctrl+a")
        self.xdo("type", "--delay", "20", text)

    def away(self):
        """The pointer off everything, so that no tooltip is in the picture."""
        self.xdo("mousemove", 3, self.size[1] - 3)

    # Pictures.

    def pixels(self):
        size = f"{self.size[0]}x{self.size[1]}+0+0"
        command = ["import", "-window", "root", "-crop", size, "ppm:-"]
        return subprocess.run(command, env=self.env, check=True, capture_output=True).stdout

    def settle(self, limit=25):
        """Until two pictures in a row are the same, or, while something moves all the time, for a while."""
        start, before = time.time(), None
        while time.time() - start < limit:
            now = hashlib.sha256(self.pixels()).digest()
            if now == before:
                return
            before = now
            time.sleep(0.7)

    def picture(self, name):
        size = f"{self.size[0]}x{self.size[1]}+0+0"
        path = self.out / f"{name}.png"
        subprocess.run(["import", "-window", "root", "-crop", size, path], env=self.env, check=True)
        print("picture", path.name, flush=True)

    def shot(self, name, limit=25):
        self.settle(limit)
        self.picture(name)
