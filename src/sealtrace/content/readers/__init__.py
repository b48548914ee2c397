"""One module a kind: `read(path, kind) -> Content`. They run in the sandbox."""
