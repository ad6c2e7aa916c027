;; Wants a table of 20,000 elements before it runs.
(table 20000 funcref)
