;; What every policy of text has beside its own fields. Addresses below 4096 are the policy's own to use, but for these:
;; 0 holds zeros, which as an answer of `configure` accept the settings; 16 holds the answer of `score`.
(export "memory" (memory $memory))
(global $free (mut i32) (i32.const 4096))

;; The answer of `score` for a list of 64-bit floats.
(func $scores (param $list i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 16) (i32.const 0))
    (i32.store (i32.const 20) (local.get $list))
    (i32.store (i32.const 24) (local.get $length))
    (i32.const 16))

;; The answer of `configure` or `score` that refuses in these words.
(func $refuse (param $words i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 16) (i32.const 1))
    (i32.store (i32.const 20) (local.get $words))
    (i32.store (i32.const 24) (local.get $length))
    (i32.const 16))

(export "cabi_realloc" (func $realloc))

(func (export "scorelet:policy/scorer@0.1.0#configure") (param $settings i32) (param $length i32) (result i32)
    (call $configure (local.get $settings) (local.get $length)))
