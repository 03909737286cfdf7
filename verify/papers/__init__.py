"""The paper's figures and their neighbours: simulation, series of two orders, and the exact limit."""
