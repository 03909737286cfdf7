"""A command run in the process of the test."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

import pytest


def run_here(main, name, *arguments, cwd=None):
    """A command in this process, in a folder: its status and what it wrote."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, *map(str, arguments)])
        if cwd is not None:
            patch.chdir(cwd)
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def derive_here(*arguments, cwd=None):
    """``derive`` with arguments, in this process."""
    from derive.cli import main

    return run_here(main, "derive", *arguments, cwd=cwd)


def verify_here(*arguments, cwd=None):
    """``verify`` with arguments, in this process."""
    from verify.cli import main

    return run_here(main, "verify", *arguments, cwd=cwd)


def refusal(done):
    """The one line with which a command refuses a request: status 2, nothing printed."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    return done.stderr
