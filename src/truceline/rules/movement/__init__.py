"""Rules judged from what moved: areas not to be in, and distances to be kept."""
