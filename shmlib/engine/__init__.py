"""The engine: workers on real processes, run, replayed and explored. Standard library alone."""
