"""State of a module, by which some of `counting_workers` give up."""

tries = 0
inside = 0
handed = 0
