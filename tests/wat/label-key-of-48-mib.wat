;; A label's key of 48 MiB that it does have.
(memory $memory 1024)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-label (local.get $candidates) (i32.const 65536) (i32.const 50331648) (i32.const 32))
    (unreachable))
