;; An endless loop over a pod.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again (br $again))
    (unreachable))
