"""The SMTP dialogue, in parts: what arrives, what is answered, and the next hop's wire."""
