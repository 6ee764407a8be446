"""What physicians know: units, formulas, instruments, grading. No trial is in it."""
