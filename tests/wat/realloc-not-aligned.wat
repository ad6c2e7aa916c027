;; Has the host put what it passes at an odd address.
(func $realloc (param $old i32) (param $before i32) (param $alignment i32) (param $size i32) (result i32)
    (i32.const 4097))
