"""The screens of joint cases: the board, one case, every step of it as a form, and what leaves it as a file."""
