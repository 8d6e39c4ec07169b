"""Exercises that are checked over every interleaving."""
