;; Wants an answer of the host written behind the end of its memory.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-names (local.get $candidates) (i32.const -8))
    (unreachable))
