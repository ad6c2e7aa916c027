;; A selector with a type of metric that does not exist.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-column (local.get $candidates)
        (i32.const 77) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 32))
    (unreachable))
