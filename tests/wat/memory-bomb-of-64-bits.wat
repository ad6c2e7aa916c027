;; Wants a memory of 16 EiB less a page, as 64-bit addresses allow.
(memory $memory 1)
(memory $huge i64 0xffffffffffff)
