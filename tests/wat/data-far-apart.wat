;; Two bytes of initial data 60 MiB apart: an image of its memory is much larger than its file.
(memory $memory 1024)
(data (i32.const 2048) "\00")
(data (i32.const 64000000) "\01")
