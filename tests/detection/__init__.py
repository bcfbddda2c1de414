"""Labelled mails for the detector."""
