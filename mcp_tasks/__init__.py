"""A durable background-task system for MCP servers, embedded in one process on SQLite."""
