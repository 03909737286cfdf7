"""Subcommands of ``verify``, one file each."""
