from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import GREETING, jsonl, manifest, recording, refused


def test_importing_the_room_loads_no_heavy_library() -> None:
    program = (
        "import sys, pipeline.intake; heavy = {'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'pyarrow', 'rapidfuzz'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_handing_in_nothing_is_refused() -> None:
    assert refused().code is ProblemCode.NO_CALLS


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("notes.docx", b"x", ProblemCode.BAD_FORMAT),
        ("old.xls", b"x", ProblemCode.BAD_FORMAT),
        ("noname", b"x", ProblemCode.BAD_FORMAT),
        ("manifest.csv", b"", ProblemCode.FILE_EMPTY),
        ("manifest.csv", b"\n \n", ProblemCode.NO_CALLS),
        ("manifest.csv", b"path,agent_id\n", ProblemCode.NO_CALLS),
        ("manifest.csv", b"path,agent_id\n,\n\n", ProblemCode.NO_CALLS),
        ("manifest.csv", b"PK\x03\x04 zipped", ProblemCode.BAD_FORMAT),
        ("manifest.csv", "路径?,x\n".encode("utf-16-le"), ProblemCode.BAD_ENCODING),
        ("manifest.csv", b'pa"th\n"a\n', ProblemCode.MISSING_COLUMN),
        ("manifest.csv", b'"path\na.wav\n', ProblemCode.BAD_FORMAT),
        ("manifest.csv", b"path,\xff\xff\na.wav,x\n", ProblemCode.BAD_ENCODING),
        ("chats.jsonl", b"\n\n", ProblemCode.NO_CALLS),
        ("chats.jsonl", b'[{"turns": []}]', ProblemCode.BAD_FORMAT),
        ("chats.jsonl", b'{\n"turns": []\n}\n', ProblemCode.BAD_FORMAT),
        ("manifest.xlsx", b"not a zip", ProblemCode.BAD_FORMAT),
        ("manifest.parquet", b"not parquet", ProblemCode.BAD_FORMAT),
    ],
)
def test_a_file_that_cannot_be_used_at_all_is_refused(
    tmp_path: Path, name: str, content: bytes, code: ProblemCode
) -> None:
    found = refused(recording(tmp_path / name, content))
    assert (found.code, found.file) == (code, name)
    assert found.remedy


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../up", "/absolute"])
def test_an_unknown_timezone_is_refused(tmp_path: Path, timezone: str) -> None:
    found = refused(recording(tmp_path / "a.wav"), timezone=timezone)
    assert (found.code, found.column) == (ProblemCode.SETTING_INVALID, "timezone")


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    found = refused(recording(tmp_path / "a.wav"), root=tmp_path / "none")
    assert (found.code, found.column) == (ProblemCode.SETTING_INVALID, "root")


def test_ids_are_unique_over_all_paths_and_the_first_one_stays(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    chats = jsonl(tmp_path / "chats.jsonl", {"call_id": "A", "turns": [GREETING]})
    rows = manifest(tmp_path, "call_id,path\nA,a.wav\nB,a.wav\nB,a.wav\n")
    intake = read([chats, rows])
    assert [(c.call_id, c.source) for c in intake.calls] == [("A", "chats.jsonl:1"), ("B", "manifest.csv:3")]
    assert [(p.code, p.file, p.row, p.call_id) for p in intake.failures] == [
        (ProblemCode.DUPLICATE_CALL, "manifest.csv", 2, "A"),
        (ProblemCode.DUPLICATE_CALL, "manifest.csv", 4, "B"),
    ]
    assert "chats.jsonl:1" in intake.failures[0].what
    assert "manifest.csv:3" in intake.failures[1].what


def test_one_recording_may_serve_two_calls(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    intake = read([manifest(tmp_path, "call_id,path\nA,a.wav\nB,a.wav\n")])
    first, second = intake.calls
    assert first.content_hash == second.content_hash
    assert intake.failures == ()


def test_the_same_folder_at_another_place_gives_the_same_calls(tmp_path: Path) -> None:
    def handed(base: Path) -> Path:
        recording(base / "rec" / "a.wav")
        manifest(
            base / "rec", "path,班组,满意度\na.wav,一组,5\nmissing.wav,二组,4\n../up.wav,二组,4\na.wav,二组,很好\n"
        )
        jsonl(base / "rec" / "chats.jsonl", {"turns": [GREETING]}, {"turns": []})
        return base / "rec"

    first, second = (read([handed(tmp_path / name)]) for name in ("here", "there/deep"))
    assert first.failures == second.failures
    assert first.sources == second.sources
    ids = [[(c.call_id, c.source, c.content_hash, c.metadata) for c in i.calls] for i in (first, second)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2
    assert all(str(tmp_path) not in str(problem) for problem in first.failures)


def forbid(monkeypatch: pytest.MonkeyPatch, method: str, path: Path) -> None:
    real = getattr(Path, method)

    def no_entry(self: Path, *args: object, **options: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **options)

    monkeypatch.setattr(Path, method, no_entry)


@pytest.mark.parametrize(
    ("locked", "method"),
    [("manifest.csv", "open"), ("locked.wav", "open"), ("folder", "iterdir"), ("manifest.csv", "exists")],
)
def test_what_the_system_will_not_open_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: str, method: str
) -> None:
    good = recording(tmp_path / "a.wav")
    manifest(tmp_path, "path\na.wav\n")
    recording(tmp_path / "locked.wav", b"locked")
    recording(tmp_path / "folder" / "b.wav", b"b")
    forbid(monkeypatch, method, tmp_path / locked)
    intake = read([good, tmp_path / locked])
    assert [(p.code, p.file) for p in intake.failures] == [(ProblemCode.FILE_UNREADABLE, locked)]
    assert [c.source for c in intake.calls] == ["a.wav"]
