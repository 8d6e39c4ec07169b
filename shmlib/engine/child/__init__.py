"""What a worker's process loads, and nothing else of the engine."""
