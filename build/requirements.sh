# Sourced. Checks the tools a build needs and installs Debian packages for missing ones when that is possible.

# need COMMAND PACKAGE HINT
need() {
  command -v "$1" > /dev/null 2>&1 && return
  install_package "$2" || fail "$1 is missing. $3"
  command -v "$1" > /dev/null 2>&1 || fail "$1 is missing. $3"
}

install_package() {
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1 || return 1
  say "installing $1"
  if [ -z "${apt_updated:-}" ]; then
    apt-get update -qq > /dev/null 2>&1 || return 1
    apt_updated=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" > /dev/null 2>&1
}

has_dotnet_sdk() {
  command -v dotnet > /dev/null 2>&1 && dotnet --list-sdks 2> /dev/null | grep -qE '^([1-9][0-9]{2,}|[1-9][0-9])\.' &&
    dotnet --list-sdks | awk -F. '$1 >= 10 { found = 1 } END { exit !found }'
}

check_requirements() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "Molt runs on Linux on x86-64; this is $(uname -s) on $(uname -m)."
  if ! has_dotnet_sdk; then
    install_package dotnet-sdk-10.0 || true
    has_dotnet_sdk || fail "The .NET SDK 10 or newer is missing. Install dotnet-sdk-10.0 from your distribution or from https://dot.net."
  fi
  need g++ g++ "Install it, for example: apt-get install g++."
  need node nodejs "Install Node.js 18 or newer; the build uses it, Molt brings its own engine."
  need npm npm "Install it, for example: apt-get install npm."
  need flock util-linux "Install util-linux."
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$major" -ge 18 ] || fail "Node.js $(node --version) is too old for the build. Install version 18 or newer."
}

# has_any PATTERN…: true when one of the patterns names a file.
has_any() {
  local file
  for file; do [ -e "$file" ] && return 0; done
  return 1
}

# What the SDKs of the edge tier are built with, and the browser that runs their page. Only the suite "browser" of test.sh needs it.
check_browser_requirements() {
  need clang clang "Install it, for example: apt-get install clang."
  need wasm-ld lld "Install it, for example: apt-get install lld."
  has_any /usr/lib/wasm32-wasi/libc.a /usr/share/wasi-sysroot/lib/wasm32-wasi/libc.a || install_package wasi-libc ||
    fail "The C library for WebAssembly is missing. Install it, for example: apt-get install wasi-libc."
  has_any "$(clang -print-resource-dir)"/lib/wasi/libclang_rt.builtins-wasm32.a || install_package libclang-rt-dev-wasm32 ||
    fail "The runtime library of clang for WebAssembly is missing. Install it, for example: apt-get install libclang-rt-dev-wasm32."
  if [ -z "${CHROMIUM:-}" ] && ! command -v chromium > /dev/null 2>&1; then
    need chromium-headless-shell chromium-headless-shell "Install it or chromium, or name a Chromium in CHROMIUM."
  fi
}
