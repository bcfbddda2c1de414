"""The pure core: bytes and values in, values out; standard library only."""
