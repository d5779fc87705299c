#!/usr/bin/env bash
# Builds what the page is served: the plugin of ../wasm-assemblyscript, and the script with the browser SDK.
set -eu
cd "$(dirname "$0")"
root=../..
plugin=../wasm-assemblyscript
esbuild=$root/node_modules/@esbuild/linux-x64/bin/esbuild

# place FILE TARGET: copies a file unless the target is the same, and then all at once: `molt dev` watches the targets.
place() {
  cmp -s "$1" "$2" && return 0
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  mv "$2.new" "$2"
}

[ -x "$esbuild" ] || { echo "The packages of this repository are missing. Run \`npm ci\` in its root." >&2; exit 1; }
"$plugin/build.sh"
for file in molt.plugin.json schemas/{order,quote,greet,greeting}.json build/shop.wasm; do
  place "$plugin/$file" "build/plugin/$file"
done
# The worker hands the bytes out and does not run them, so it imports them as data.
place "$plugin/build/shop.wasm" build/shop.bin

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$esbuild" page/page.ts --bundle --format=esm --target=es2024 --minify --legal-comments=none --log-level=warning --outfile="$scratch/page.js"
place "$scratch/page.js" build/page.js.txt
