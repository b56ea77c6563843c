"""What `make bench` runs: seeded workloads, the engines compared with, and one line a bar.

Never imported by the product. `python -m bench` runs every bar, `python -m bench p1-shapely p2-dense` some.
"""
