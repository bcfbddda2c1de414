"""The pages: a second socket of the gateway, run as its own process."""
