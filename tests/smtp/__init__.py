"""Tests of the SMTP side, over real sockets."""
