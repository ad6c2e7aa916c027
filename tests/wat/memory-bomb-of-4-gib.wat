;; Wants all that 32-bit addresses reach with a single instruction.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (drop (memory.grow (i32.const 65535)))
    (unreachable))
