"""One module a container. Each has `plan`, `write` and `stamps`; see `formats.model` for the promise."""
