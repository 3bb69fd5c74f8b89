"""The predefined tasks: what this server does without any code of yours."""
