"""The fixture server of the conformance suite: what its scenarios expect to find, on the SDK's MCPServer."""
