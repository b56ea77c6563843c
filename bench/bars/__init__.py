"""The bars, a module for each part. Each bar is a function that takes the run's context and gives its answers."""
