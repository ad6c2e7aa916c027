;; Has the host put all that it passes on top of each other.
(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
    (i32.const 4096))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $candidates-names (local.get $candidates) (i32.const 32))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
