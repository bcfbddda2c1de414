"""The demonstration: sample mails, an inbox to read them in, and the run that shows them."""
