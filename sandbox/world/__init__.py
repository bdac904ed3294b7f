"""The world behind the answers: products, buyers, orders, and what happens to them as time goes on."""
