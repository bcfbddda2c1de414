"""The real program, started as a process, fed by SMTP, read from outside."""
