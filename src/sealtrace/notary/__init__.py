"""The notary's side of two keys: a party of its own, with a folder, a key and a journal of its own."""
