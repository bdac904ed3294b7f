"""What people see of the stand-in."""
