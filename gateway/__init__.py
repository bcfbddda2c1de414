"""Career Relay's gateway: what answers a socket, and the facts both sides share."""
