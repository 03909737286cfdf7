"""The figures of Ger and Barak 2026, one file each, with the published parameters as defaults."""
