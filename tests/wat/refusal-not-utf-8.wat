;; A refusal that is not UTF-8.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $refuse (i32.const 3000) (i32.const 4)))
(data (i32.const 3000) "no\c3\28")
