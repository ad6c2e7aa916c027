;; Moves its memory while the host writes into it.
(global $place (mut i32) (i32.const 4096))
(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (global.set $place (i32.add (global.get $place) (i32.const 65536)))
    (global.get $place))
