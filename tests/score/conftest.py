from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.score import ScoreSheet
from tests.score.build import sheet_of


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> ScoreSheet:
    folder: Path = tmp_path_factory.mktemp("sheet")
    return sheet_of(folder)
