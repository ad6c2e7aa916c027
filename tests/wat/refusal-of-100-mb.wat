;; A refusal of 100 MB that it does not have.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $refuse (i32.const 0) (i32.const 100000000)))
