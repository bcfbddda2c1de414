"""Companies' own link blocks."""
