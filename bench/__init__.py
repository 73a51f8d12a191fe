"""Benchmarks at full scale: each figure beside a floor measured in the same run, so that machines compare."""
