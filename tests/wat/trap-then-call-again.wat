;; Crashes, and leaves a mark in its memory: called again, it would give a score of 666.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (if (i32.load (i32.const 3000))
        (then
            (f64.store (i32.const 2048) (f64.const 666))
            (return (call $scores (i32.const 2048) (i32.const 2)))))
    (i32.store (i32.const 3000) (i32.const 1))
    (unreachable))
