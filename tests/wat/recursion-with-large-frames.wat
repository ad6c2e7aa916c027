;; Calls itself without end, and keeps much on each level of the stack.
(func $again (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (i64.add
        (call $again
            (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7)
            (local.get 8) (local.get 9) (local.get 10) (local.get 11) (local.get 12) (local.get 13) (local.get 14)
            (local.get 15) (i64.load (i32.wrap_i64 (local.get 0))))
        (i64.add
            (i64.add (i64.mul (local.get 0) (local.get 1)) (i64.mul (local.get 2) (local.get 3)))
            (i64.add (i64.mul (local.get 4) (local.get 5)) (i64.mul (local.get 6) (local.get 7))))))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (drop (call $again
        (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)
        (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)))
    (unreachable))
