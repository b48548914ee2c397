"""The screens of export licensing: desk, portal of applicants, gate, lists, figures."""
