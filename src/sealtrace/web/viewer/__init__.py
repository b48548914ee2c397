"""The viewer: pages, drawings and tables shown as individually marked copies."""
