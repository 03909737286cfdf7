"""exp, log and tanh of numbers of any type, as programs run them and emitted Python holds them."""

from typing import Any


def smooth(name: str, x: Any) -> Any:
    """exp, log or tanh of a number or array of any type: its own method, or its library's function."""
    from importlib import import_module

    if hasattr(x, name):
        return getattr(x, name)()
    library = type(x).__module__.partition(".")[0]
    home = {"builtins": "math", "jaxlib": "jax.numpy", "jax": "jax.numpy"}.get(library, library)
    return getattr(import_module(home), name)(x)
