"""Long work: kept in the database, done beside the request, shown as it goes, and there again after a reload."""
