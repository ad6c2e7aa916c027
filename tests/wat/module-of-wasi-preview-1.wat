;; A policy that also wants to write to files as programs for WASI preview 1 do.
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
