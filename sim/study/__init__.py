"""Many runs: replications, where they are computed, when they are enough, and how scenarios compare.

Nothing is written here: finished replications are handed to a sink.
"""
