;; Gives scores and keeps the candidates, which were only lent.
(func (export "scorelet:policy/scorer@0.1.0#score") (param $pod i32) (result i32)
    (call $scores (i32.const 2048) (call $candidates-len (i32.load offset=120 (local.get $pod)))))
