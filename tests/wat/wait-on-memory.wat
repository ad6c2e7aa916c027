;; Waits for a thread that will never wake it, where no deadline is looked at.
(memory $memory 1)
(memory $shared 1 1 shared)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (memory.atomic.wait32 $shared (i32.const 32) (i32.const 0) (i64.const -1)))
