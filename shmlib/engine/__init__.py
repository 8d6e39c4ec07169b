"""The engine: workers on real processes, let loose, replayed, explored. Standard library alone."""
