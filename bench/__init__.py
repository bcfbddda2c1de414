"""Measurements: each prints medians, their noise, the machine and the commit."""
