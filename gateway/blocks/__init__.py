"""A company's own link block: its template, what it must say, and what it must never do."""
