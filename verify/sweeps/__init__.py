"""Grids of simulations on dask.distributed, each finished run at once in a zarr store."""
