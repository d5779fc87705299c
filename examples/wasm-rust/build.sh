#!/usr/bin/env bash
# Builds build/dice.wasm with plain rustc. Needs the target wasm32-unknown-unknown: Debian and Ubuntu have it as
# libstd-rust-dev-wasm32 beside rustc and lld, rustup adds it with `rustup target add wasm32-unknown-unknown`.
set -eu
cd "$(dirname "$0")"
sdk=../../sdk/rust
target=wasm32-unknown-unknown

# The first rustc that has the target: rustup's and the distribution's may both be there.
rustc=
for candidate in ${RUSTC:-} rustc /usr/bin/rustc; do
  command -v "$candidate" > /dev/null 2>&1 || continue
  if [ -d "$("$candidate" --print sysroot)/lib/rustlib/$target/lib" ]; then
    rustc=$candidate
    break
  fi
done
if [ -z "$rustc" ]; then
  echo "No rustc with the target $target. Install it, for example: apt-get install rustc libstd-rust-dev-wasm32 lld, or rustup target add $target." >&2
  exit 1
fi

mkdir -p build
common=(--edition 2021 --target "$target" -C opt-level=s -C panic=abort)
"$rustc" "${common[@]}" --crate-type rlib --crate-name molt --out-dir build "$sdk/src/lib.rs"
# A small stack below the data, so that a reset after a call touches little, and an overflow traps.
"$rustc" "${common[@]}" --crate-type cdylib --crate-name dice --out-dir build --extern molt=build/libmolt.rlib \
  -C lto -C strip=symbols -C link-arg=--stack-first -C link-arg=-zstack-size=16384 src/lib.rs
rm build/libmolt.rlib
