;; Asks for the folders that it may read.
(import "wasi:filesystem/preopens@0.2.6" "get-directories" (func $folders (param i32)))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $folders (i32.const 32))
    (if (i32.load (i32.const 36)) (then (unreachable)))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
