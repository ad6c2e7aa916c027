;; Initial data behind the end of its memory.
(data (i32.const 0xffffff00) "out of bounds")
