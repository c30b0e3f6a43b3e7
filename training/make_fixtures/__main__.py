"""`python -m training.make_fixtures [SCENE.yml …] [--out FOLDER]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pipeline.domain.errors import InputError, Problem, ProblemCode, UserError
from training.make_fixtures.perform import perform
from training.make_fixtures.scene import Scene, read_scene
from training.make_fixtures.tables import write_tables
from training.voice import require_espeak

REPOSITORY = Path(__file__).resolve().parents[2]
SCENES = REPOSITORY / "training" / "scenes"
SHIPPED = REPOSITORY / "fixtures" / "audio"


def read_scenes(paths: Sequence[Path]) -> list[Scene]:
    """All scenes.

    Raises InputError with the problems of all files, two scenes with one call_id included.
    """
    scenes: dict[str, Scene] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            scene = read_scene(path)
        except InputError as error:
            problems += error.problems
            continue
        if scene.header.call_id in scenes:
            problems.append(
                Problem(
                    code=ProblemCode.DUPLICATE_CALL,
                    what=f"call_id {scene.header.call_id} 已被另一个场景使用",
                    remedy="请换一个编号",
                    file=path.name,
                )
            )
        scenes[scene.header.call_id] = scene
    if problems:
        raise InputError(problems)
    return list(scenes.values())


def all_scenes() -> list[Path]:
    """The files of all scenes, in the folders of their industries."""
    return sorted(SCENES.glob("*/*.yml"))


def make(paths: Sequence[Path], folder: Path) -> int:
    """Make the fixtures of the scenes in `folder`; how many there are.

    Raises InputError when a scene is not well written or espeak-ng is missing.
    """
    scenes = read_scenes(paths)
    require_espeak()
    folder.mkdir(parents=True, exist_ok=True)
    # What espeak-ng says depends in its last milliseconds on what it said before, so each scene has its own process:
    # a scene sounds the same whether it is made alone or with all others.
    with get_context("spawn").Pool(min(len(scenes), os.cpu_count() or 1), maxtasksperchild=1) as pool:
        performances = pool.map(partial(perform, folder=folder), scenes, chunksize=1)
    write_tables(performances, folder)
    return len(scenes)


def make_all(folder: Path) -> int:
    """Make the fixtures of every industry in its own folder within `folder`; how many there are.

    Raises InputError as `make` does.
    """
    read_scenes(all_scenes())
    industries = sorted({path.parent for path in all_scenes()})
    return sum(make(sorted(industry.glob("*.yml")), folder / industry.name) for industry in industries)


def main() -> int:
    """The command line; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.make_fixtures", description="由场景合成录音与标准答案")
    parser.add_argument("scenes", nargs="*", type=Path, metavar="SCENE.yml", help="要合成的场景,默认全部")
    parser.add_argument("--out", type=Path, help="写到哪个文件夹;指定场景时必填,使 fixtures/audio 始终完整")
    arguments = parser.parse_args()
    if arguments.scenes and arguments.out is None:
        parser.error("指定场景时请同时写 --out,fixtures/audio 只整体重做")
    try:
        count = make(arguments.scenes, arguments.out) if arguments.scenes else make_all(arguments.out or SHIPPED)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"已合成 {count} 个场景")
    return 0


if __name__ == "__main__":
    sys.exit(main())
