"""The steps of a mail's way through the relay; gateway.relay says in which order they happen."""
