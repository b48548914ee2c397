"""Files, versions, copies and recipients: register, issue, view, trace."""
