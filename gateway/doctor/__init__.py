"""Check the way from a company's mail server to its candidates: `career-relay doctor`."""
