"""WebSocket, event stream and polling: thin shells of one shape."""
