"""Loaded by every worker process that a sweep starts, those that replace a dead one too."""

from __future__ import annotations

import signal
import threading

if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that the terminal belongs to answers Ctrl-C
