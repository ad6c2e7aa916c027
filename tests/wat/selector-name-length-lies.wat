;; A selector with a name of 4 GiB that it does not have.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-column (local.get $candidates)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 1) (i32.const 0) (i32.const -1)
        (i32.const 32))
    (unreachable))
