#!/usr/bin/env bash
# Measures Molt beside other servers. `bench/run.sh --help` lists the options, README.md says how to read the result.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

fail() { echo "bench: $1" >&2; exit 1; }

command -v node >/dev/null || fail "node (18 or newer) is needed to run the benchmarks: install the package nodejs"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' || fail "node 18 or newer is needed, found $(node --version)"

if ! command -v wrk >/dev/null; then
  [ "$(id -u)" = 0 ] || fail "wrk is needed to make load: install the package wrk"
  echo "bench: installing wrk" >&2
  { apt-get update -qq && apt-get install -y -qq wrk; } >/dev/null 2>&1 || fail "wrk could not be installed: apt-get install wrk"
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "bench: installing the servers to compare with" >&2
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
fi

exec node run.mjs "$@"
