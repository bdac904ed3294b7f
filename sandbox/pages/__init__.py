"""What people see: the consent page and the buyers' inbox."""
