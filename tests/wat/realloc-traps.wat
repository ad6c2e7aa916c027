;; Crashes when the host asks where to put what it passes.
(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
    (unreachable))
