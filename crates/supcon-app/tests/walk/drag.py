"""Drags a file onto a window as another program would: the source's side of XDND, version 5.

`drag(display, window, path, at, before_drop)` enters the window, moves to a place of the root window, calls
`before_drop()` (the window shows what dropping would do), and drops.
"""

import time
from urllib.parse import quote

from Xlib import X, display as xdisplay
from Xlib.protocol import event

VERSION = 5
TYPE = "text/uri-list"


class Source:
    def __init__(self, name, window):
        self.display = xdisplay.Display(name)
        self.root = self.display.screen().root
        self.target = self.display.create_resource_object("window", window)
        self.own = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self.statuses = 0
        self.finished = False

    def atom(self, name):
        return self.display.intern_atom(name)

    def send(self, kind, data):
        message = event.ClientMessage(
            window=self.target, client_type=self.atom(kind), data=(32, data)
        )
        self.target.send_event(message)
        self.display.flush()

    def serve(self, seconds, is_done):
        """Answers the window's requests for the data until something happened or the time is over."""
        end = time.time() + seconds
        while time.time() < end and not is_done():
            while self.display.pending_events():
                self.take(self.display.next_event())
            time.sleep(0.02)

    def take(self, happened):
        if happened.type == X.SelectionRequest:
            happened.requestor.change_property(
                happened.property, happened.target, 8, self.uri.encode()
            )
            answer = event.SelectionNotify(
                time=happened.time,
                requestor=happened.requestor,
                selection=happened.selection,
                target=happened.target,
                property=happened.property,
            )
            happened.requestor.send_event(answer)
            self.display.flush()
        elif happened.type == X.ClientMessage:
            kind = self.display.get_atom_name(happened.client_type)
            self.statuses += kind == "XdndStatus"
            self.finished |= kind == "XdndFinished"

    def drag(self, path, at, before_drop):
        self.uri = "file://" + quote(str(path)) + "\r\n"
        selection = self.atom("XdndSelection")
        self.own.set_selection_owner(selection, X.CurrentTime)
        self.send("XdndEnter", [self.own.id, VERSION << 24, self.atom(TYPE), 0, 0])
        place = (at[0] << 16) | at[1]
        copy = self.atom("XdndActionCopy")
        self.send("XdndPosition", [self.own.id, 0, place, X.CurrentTime, copy])
        self.serve(10, lambda: self.statuses > 0)
        self.serve(1, lambda: False)
        before_drop()
        self.send("XdndDrop", [self.own.id, 0, X.CurrentTime, 0, 0])
        self.serve(10, lambda: self.finished)
        self.display.close()
        return self.finished


def drag(display, window, path, at, before_drop):
    return Source(display, window).drag(path, at, before_drop)
