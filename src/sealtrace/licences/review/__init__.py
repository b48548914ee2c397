"""Applications for licences and their cases: completeness, advice, questions, decisions by two people, appeals."""
