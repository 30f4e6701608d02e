"""One request in, events out: loaded models, script conversion, ranking. No Qt."""
