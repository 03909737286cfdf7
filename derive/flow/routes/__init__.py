"""The routes from a flow in words to its series: one file each; the last of `registry` takes any flow."""
