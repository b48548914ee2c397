"""What is controlled: dated control lists, substances, formulas, masses and units. Pure; nothing is stored."""
