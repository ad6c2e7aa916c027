;; A label's key that is not UTF-8.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-label (local.get $candidates) (i32.const 3000) (i32.const 2) (i32.const 32))
    (unreachable))
(data (i32.const 3000) "\ff\fe")
