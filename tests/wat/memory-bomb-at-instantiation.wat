;; Wants 125 MiB of memory before it runs.
(memory $memory 2000)
