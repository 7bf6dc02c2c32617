"""The ways by which cases come: the watched folder, databases, streams, topics and messages."""
