"""Screening of parties against lists that are kept here, version by version; people judge every resemblance."""
