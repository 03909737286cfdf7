"""``--out`` and every other file written: what stands there stays what it is."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from in_process import derive_here, refusal
from project import ROOT

from derive.command_line import UsageProblem
from derive.write.files import write_atomically
from verify.folders import save_together

ENTRY = [sys.executable, "-c", "from derive.cli import main; main()"]
PRINTING = {  # every command that has --out FILE
    "curve": ["--g", "0.3", "--zhat", "1", "--times", "0.1"],
    "radius": ["--g", "0.3", "--zhat", "1"],
    "learning-times": ["--g", "0.3", "--zhat", "1"],
    "stability": ["--g", "0.3", "--zhat", "1", "--multiples", "0.5", "--epochs", "1"],
    "moment": ["B"],
    "modes": ["target.json", "--order", "1"],
    "outliers": ["--g", "0.3", "--zhat", "1", "--times", "0.1"],
    "overlap": [],
}


def test_a_regular_file_is_replaced_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat().st_ino
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before  # replaced, not written over
    assert os.listdir(tmp_path) == ["table.txt"]


def test_a_new_file_has_what_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize("exists", [True, False])
def test_links_are_followed(tmp_path, exists):
    (tmp_path / "there").mkdir()
    target, middle, link = tmp_path / "there" / "real.txt", tmp_path / "middle", tmp_path / "link"
    if exists:
        target.write_text("old")
    middle.symlink_to("there/real.txt")
    link.symlink_to(middle)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert middle.is_symlink()
    assert not target.is_symlink()
    assert target.read_text() == "new"


def test_a_link_to_itself_and_a_folder_are_refused(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(link)
    for path in (link, tmp_path):
        with pytest.raises(OSError, match=r"symbolic links|directory"):
            write_atomically(path, "new")
    assert link.is_symlink()


def test_devices_and_pipes_are_written_to(tmp_path):
    write_atomically(Path(os.devnull), "x" * 10**6)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_atomically(pipe, "through")
    reader.join(10)
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_socket_is_refused(tmp_path, monkeypatch):
    import socket

    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(OSError, match="neither a file"):
            write_atomically(Path("s"), "x")
        assert stat.S_ISSOCK(os.stat("s").st_mode)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_name(tmp_path, name):
    """Into a pipe, and at the end of a file that holds something already."""
    command = [*ENTRY, "moment", "B B'", "--out", name]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stdout == "beta\n"
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    with log.open("a") as stream:
        subprocess.run(command, stdout=stream, stderr=subprocess.DEVNULL, check=True)
    assert log.read_text() == "before\nbeta\n"


@pytest.mark.parametrize("command", PRINTING)
def test_every_command_with_out(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "target.json").write_text("[[1, 0.5], [0, 0.25]]")
    arguments = [command, *PRINTING[command]]
    printed = derive_here(*arguments).stdout
    (tmp_path / "link").symlink_to("real")
    done = derive_here(*arguments, "--out", "link")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == printed
    for place in (".", "nowhere/file"):
        refusal(derive_here(*arguments, "--out", place))
    assert sorted(os.listdir()) == ["link", "real", "target.json"]


def test_generated_files_may_be_links(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "order_1.py").symlink_to(tmp_path / "mine.py")
    assert derive_here("--order", "1").returncode == 0
    assert (tmp_path / "generated" / "order_1.py").is_symlink()
    assert "def readout" in (tmp_path / "mine.py").read_text()


def test_a_folder_in_the_way_is_named_and_nothing_is_written(tmp_path, monkeypatch):
    """Whatever command writes several files."""
    monkeypatch.chdir(tmp_path)
    flow = ROOT / "docs" / "flows" / "gradient.toml"
    commands = {"order_1.tex": ("--order", "1"), "gradient.tex": ("flow", str(flow), "--order", "1")}
    for last, arguments in commands.items():
        (tmp_path / "out" / last).mkdir(parents=True)
        complaint = refusal(derive_here(*arguments, "--out", "out"))
        assert complaint.endswith(f"({last} in it is a folder); allowed is a writable folder\n")
        assert [entry.name for entry in (tmp_path / "out").iterdir()] == [last]
        (tmp_path / "out" / last).rmdir()
    (tmp_path / "file").write_text("kept")
    for place in ("file", "file/below"):
        with pytest.raises(UsageProblem, match=r"it is not a folder; allowed is a folder"):
            save_together(Path(place), {"a": "b"})
        done = derive_here("--order", "1", "--out", place)
        assert "(it is not a folder); allowed is a writable folder" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"
