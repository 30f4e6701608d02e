"""Training, in a process of its own: configuration, data, loop, evaluation, checkpoints, export."""
