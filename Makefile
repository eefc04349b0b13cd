# Every verb is one line; the work is in include/embedded/install.py, which needs nothing but Python.
# ARGS are handed on: `make test ARGS="tests/unit -x"`, `make demo ARGS=--keep`.
run := python3 -m include.embedded.install
.DEFAULT_GOAL := help
.PHONY: help demo up down status clean test test-cluster check soak lock lock-check install images

help:     ; @echo "make demo | up | status | down | clean | test | test-cluster | check | soak | lock | install | images   (README.md)"
demo:     ; @$(run) demo $(ARGS)
up:       ; @$(run) up $(ARGS)
status:   ; @$(run) status $(ARGS) || true
down:     ; @$(run) down $(ARGS)
clean:    ; @$(run) clean $(ARGS)
test:     ; @$(run) test $(ARGS)
test-cluster: ; @$(run) test-cluster $(ARGS)
check:    ; @$(run) check $(ARGS)
soak:     ; @$(run) soak $(ARGS)
lock:     ; @$(run) lock $(ARGS)
install:  ; @$(run) install $(ARGS)
images:   ; @$(run) images $(if $(TAG),--tag $(TAG)) $(ARGS)
lock-check: ; @$(run) lock-check
