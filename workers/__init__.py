"""Career Relay's workers: what answers the queue."""
