#!/usr/bin/env bash
# Builds build/shop.wasm with the AssemblyScript compiler of the SDK, which it installs first when it is missing.
set -eu
cd "$(dirname "$0")"
sdk=../../sdk/assemblyscript
compiler=$sdk/node_modules/assemblyscript/bin/asc.js

if [ -e build/shop.wasm ] && [ -z "$(find assembly asconfig.json build.sh "$sdk/assembly" "$sdk/package-lock.json" -newer build/shop.wasm)" ]; then
  exit 0
fi
[ -e "$compiler" ] || (cd "$sdk" && npm ci --no-audit --no-fund --silent)
mkdir -p build
node "$compiler" --config asconfig.json
