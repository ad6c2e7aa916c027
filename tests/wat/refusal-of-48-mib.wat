;; A refusal of 48 MiB that it does have, and that is more than a call may carry.
(memory $memory 1024)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $refuse (i32.const 65536) (i32.const 50331648)))
