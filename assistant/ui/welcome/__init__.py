"""The first page: what stands on an empty one until somebody has begun."""
