# Sourced by test.sh --sanitized. Makes a copy of the distribution whose libmolt.node is instrumented, and says how programs are started with it.

# build_sanitized DIST: leaves the instrumented distribution in $dist and what programs need in $preload.
build_sanitized() {
  local out=artifacts/sanitized
  mkdir -p "$out"
  SANITIZE=1 native/build.sh "$out/native" || return 1
  gcc -shared -fPIC -O1 -Wall -Werror -o "$out/dlopen.so" native/sanitize/dlopen.c -ldl || return 1
  rm -rf "$out/dist"
  cp -r "$1" "$out/dist"
  cp "$out/native/libmolt.node" "$out/dist/"
  dist=$out/dist
  preload=$PWD/$out/dlopen.so:$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libubsan.so)
}

# use_sanitizers REPORTS: settings of the sanitizers, and the files they report to. V8 and .NET handle signals, and manage memory, themselves.
use_sanitizers() {
  rm -f "$1".*
  export ASAN_OPTIONS=log_path=$1:verify_asan_link_order=0:detect_leaks=0:alloc_dealloc_mismatch=0:detect_container_overflow=0:use_sigaltstack=0:allow_user_segv_handler=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0
  export UBSAN_OPTIONS=log_path=$1:print_stacktrace=1:halt_on_error=1
}
