"""The tools of the product: what they take, what they refuse, what they tell a language model."""
