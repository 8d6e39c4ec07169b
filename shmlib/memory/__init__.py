"""What a shared object is: its bytes, its lock, its typecode. Standard library alone."""
