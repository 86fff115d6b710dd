"""Benchmarks: figures as ratios to a raw baseline measured in the same run."""
