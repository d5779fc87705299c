#!/usr/bin/env bash
# Builds build/wordcount.wasm. Needs clang and lld, nothing else: Debian and Ubuntu have them as packages of these names.
set -eu
cd "$(dirname "$0")"
sdk=../../sdk/c

for tool in clang wasm-ld; do
  command -v "$tool" > /dev/null 2>&1 || { echo "$tool is missing. Install clang and lld, for example: apt-get install clang lld." >&2; exit 1; }
done

mkdir -p build
# A small stack below the data: one page holds everything, so a reset after a call touches little, and an overflow traps.
clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib -mbulk-memory -I "$sdk" \
  -Wl,--no-entry -Wl,--strip-all -Wl,--stack-first -Wl,-z,stack-size=8192 \
  -o build/wordcount.wasm src/wordcount.c "$sdk/molt.c"
