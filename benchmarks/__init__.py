"""Every speed that we promise, next to a floor or a peer that does the same durable work in the same run."""
