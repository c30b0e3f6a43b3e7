# The two commands of the README. Set-up is part of both and is not repeated while its inputs are unchanged.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := build/demo

.PHONY: demo test setup fixtures train-asr-demo lock clean

demo: $(STAMP)
	@$(BIN)/zhijian evaluate fixtures --out $(DEMO)/lake
	@$(BIN)/zhijian export flagged --from $(DEMO)/lake --out $(DEMO)/待复核.xlsx
	@$(BIN)/zhijian export coaching --from $(DEMO)/lake --out $(DEMO)/辅导名单.xlsx
	@$(BIN)/zhijian export banned --from $(DEMO)/lake --out $(DEMO)/禁语审计.xlsx

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新 (Python >= 3.11 is needed)")'
	@echo "准备环境(只在第一次,约 1–3 分钟) Setting up, once …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# Re-makes the recordings of fixtures/audio; needs espeak-ng.
fixtures: $(STAMP)
	$(BIN)/python -m training.make_fixtures

# Trains a successor of the embedded speech model into build/asr-demo/model; needs espeak-ng and PyTorch. DATA: folder of the general sentences, DEVICE: cpu or cuda.
train-asr-demo: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]'
	$(BIN)/python -m training.asr_demo $(if $(DATA),--data $(DATA)) --device $(or $(DEVICE),cpu)

# Renews the lock file after a change of pyproject.toml; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra dev --extra postgres pyproject.toml -o requirements.lock

clean:
	rm -rf build .venv
