;; An endless loop in the midst of a host call: where the host puts what it passes.
(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
    (loop $again (br $again))
    (unreachable))
