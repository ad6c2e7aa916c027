;; Reads the environment, where secrets are.
(import "wasi:cli/environment@0.2.6" "get-environment" (func $environment (param i32)))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $environment (i32.const 32))
    (if (i32.load (i32.const 36)) (then (unreachable)))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
