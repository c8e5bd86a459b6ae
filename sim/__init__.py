"""The open simulator of the Middle Corridor."""
