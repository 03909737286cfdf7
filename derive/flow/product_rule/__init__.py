"""The route that takes any flow: the product rule, order by order (THEORY 9)."""
