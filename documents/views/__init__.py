"""Pages of civil servants about documents."""
