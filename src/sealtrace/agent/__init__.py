"""The agent on an engineer's machine: enrols the device, fetches copies, registers what a folder gets, also offline."""
