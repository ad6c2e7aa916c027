;; An endless loop that is nearly always in the host.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (drop (call $candidates-len (local.get $candidates)))
        (br $again))
    (unreachable))
