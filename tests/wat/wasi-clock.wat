;; Reads the clock twice, and crashes when it goes.
(import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (param i32)))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $now (i32.const 32))
    (call $now (i32.const 48))
    (if (i64.ne (i64.load (i32.const 32)) (i64.load (i32.const 48))) (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 40)) (i32.load (i32.const 56))) (then (unreachable)))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
