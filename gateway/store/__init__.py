"""The durable facts: the only place that knows SQL."""
