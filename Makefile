# ctpipe: build, test, measure. `make test` is all that CI runs.

VERSION ?= 0.1.0
COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
CLI     := e2e/node_modules/.bin/claude
BENCH   ?= .
# Log lines are sentences with keys in snake_case; an error's key is err, and
# slog's own keys are taken. Messages may be made up at run time: what is said
# of a save of rules.toml stands in the log as people read it in the chat.
SLOG    := -no-mixed-args -msg-style=lowercased -key-naming-case=snake -forbidden-keys=error,time,level,msg,source

FORMATTED = unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }

.PHONY: build test quick deps lint golden bench soak clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o ctpipe ./cmd/ctpipe

# Everything a clean machine with Go and Node needs, installed once, then
# vetted, linted and run with the race detector.
test: deps lint
	go test -race -timeout 15m ./...

# What to run while working: no race detector, no soak, no browser, no Claude
# CLI, and the long tests short; a skip says why. Packages that have not changed
# are not run again.
quick:
	@$(FORMATTED)
	go vet ./...
	go test -short -vet=off -ldflags="-s -w" -timeout 5m ./...

deps: $(CLI)
	@.ci/browser

$(CLI): e2e/package-lock.json
	npm ci --prefix e2e --no-audit --no-fund
	@touch $(CLI)

lint:
	@$(FORMATTED)
	go vet ./...
	go tool staticcheck ./...
	go tool go-errorlint ./...
	go tool sloglint $(SLOG) ./...

# Writes anew all that a test compares with a file: the golden files, the
# generated documents, the tables of the README. Read the diff before you commit
# it. A package is found by its flag -update; of the command line only the
# README's tests write.
golden:
	go test -short $$(git grep -l 'flag.Bool("update"' -- '*_test.go' ':!cmd' | xargs dirname | sort -u | sed 's,^,./,') -update
	go test -run Readme ./cmd/ctpipe -update

# Never fails on time; compare two runs with benchstat.
bench:
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# The long runs that CI has a form of a few seconds of. CTPIPE_SOAK=1 is the full
# length (an hour for the hooks, 33 minutes of saves, a million pairs);
# CTPIPE_SOAK=10m go test -run Soak ./hooks is a length of one's own.
soak:
	CTPIPE_SOAK=1 go test -race -timeout 3h -run 'Soak|Versions|Random|Pairs' ./...

clean:
	rm -rf ctpipe bin
