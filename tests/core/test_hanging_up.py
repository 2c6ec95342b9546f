"""A window that is closed while a menu is drawn: the program ends, wherever its event loop was just then."""

from __future__ import annotations

import subprocess
import sys

_HANGING_UP = """
import os, random, signal, sys, threading, time
import questionary
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from wizard.commands.signals import as_interrupt
from wizard.prompts import MenuAsker

class Screen(DummyOutput):
    def __init__(self):
        self.drawn = threading.Event()

    def flush(self):
        self.drawn.set()

def hang_up(screen, pauses):
    screen.drawn.wait()
    for pause in pauses:
        time.sleep(pause)
        os.kill(os.getpid(), signal.SIGHUP)

signal.signal(signal.SIGHUP, lambda *_: None)  # one that comes too late for a turn
for turn in range(80):
    chance, screen = random.Random(turn), Screen()
    pauses = [chance.random() * 0.03, *(chance.random() * 0.004 for _ in range(3))]
    thread = threading.Thread(target=hang_up, args=(screen, pauses))
    with create_pipe_input() as keys:
        keys.send_text("ab\x1b")  # an escape starts a timer: it may be the beginning of another key
        thread.start()
        try:
            with as_interrupt():
                MenuAsker(input=keys, output=screen).unseen("A value")
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        thread.join()
"""
"""A closing window is several signals within milliseconds: from the kernel, the terminal and the shell."""


def test_a_menu_ends_whenever_the_window_is_closed() -> None:
    command = [sys.executable, "-c", _HANGING_UP]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (ended.returncode, ended.stdout.split()) == (0, ["interrupted"] * 80), ended.stderr
