;; Answers HTTP with what is in /bundle/a.txt, then what is in /state/n after it appended an x to that. Init fails when it can open /state/n.
(module
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  ;;include abi
  (data (i32.const 64) "a.txt")
  (data (i32.const 72) "n")
  (data (i32.const 128) "x")
  ;; What is written, and where the two files are read to: places and lengths.
  (data (i32.const 256) "\80\00\00\00\01\00\00\00")
  (data (i32.const 264) "\58\02\00\00\10\00\00\00")
  (data (i32.const 272) "\58\02\00\00\40\00\00\00")
  ;; Ends at 600, where the body begins.
  (data (i32.const 594) "\93\cc\c8\90\c4")
  ;; 3 is /bundle, 4 /tmp, 5 /state.
  (func $open_state (result i32)
    (call $path_open (i32.const 5) (i32.const 0) (i32.const 72) (i32.const 1) (i32.const 1) (i64.const -1) (i64.const -1) (i32.const 1) (i32.const 512)))
  (func (export "init") (param i32 i32) (result i32) (i32.ne (call $open_state) (i32.const 76)))
  (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32) (local $length i32)
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 5) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 512))
      (then (return (i32.const 2))))
    (if (call $fd_pread (i32.load (i32.const 512)) (i32.const 264) (i32.const 1) (i64.const 0) (i32.const 520)) (then (return (i32.const 3))))
    (local.set $length (i32.load (i32.const 520)))
    (if (call $open_state) (then (return (i32.const 4))))
    (if (call $fd_write (i32.load (i32.const 512)) (i32.const 256) (i32.const 1) (i32.const 520)) (then (return (i32.const 5))))
    (i32.store (i32.const 272) (i32.add (i32.const 600) (local.get $length)))
    (if (call $fd_pread (i32.load (i32.const 512)) (i32.const 272) (i32.const 1) (i64.const 0) (i32.const 520)) (then (return (i32.const 6))))
    (local.set $length (i32.add (local.get $length) (i32.load (i32.const 520))))
    (i32.store8 (i32.const 599) (local.get $length))
    (call $answer (local.get $out) (i32.const 594) (i32.add (local.get $length) (i32.const 6)) (i32.const 1) (i32.const 0))
    (i32.const 0))
  (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
