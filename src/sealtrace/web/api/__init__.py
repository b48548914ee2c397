"""The machine API: tokens bound to devices, signed requests, problems as RFC 9457, webhooks."""
