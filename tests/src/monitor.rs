//! A load monitor in memory, whose answers a test sets.
