"""The explorer: one HTML page that draws the exact limit, its spread and the series as sliders move."""
