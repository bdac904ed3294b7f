"""The relay between sellers and buyers: SMTP in, the buyers' inbox or a bounce notice out."""
