"""What the review desk decides by: queues, working hours, trust, canned reasons, who may do what. Pure."""
