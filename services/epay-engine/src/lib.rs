//! The shell: read a batch, decide in memory, write once, commit; then answer.
