"""The screens of the main job: home, register, issue, trace, view, ledger."""
