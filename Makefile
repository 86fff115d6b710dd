.PHONY: run test lint doctor reset

run:
	./dev run

test:
	./dev test

doctor:
	./dev doctor

reset:
	./dev reset

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	.venv/bin/djlint templates --check --lint --quiet
