"""What is paid and used: a seller's pages, an agency's, the operator's, and the address Stripe rings at."""
