;; Fills 48 MiB with one instruction, again and again.
(memory $memory 768)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 50265752))
        (br $again))
    (unreachable))
