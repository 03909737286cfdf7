"""What importing costs, told by what is loaded (timings are in benchmarks/)."""

import subprocess
import sys


def loaded(code):
    """The top-level modules in a fresh interpreter after running code."""
    program = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_derive_loads_none_of_the_heavy_libraries():
    assert not loaded("import derive") & {"sympy", "numpy", "scipy", "torch", "matplotlib", "dask", "verify"}


def test_expanding_and_printing_needs_neither_sympy_nor_numpy():
    code = (
        "from derive.write.render import Rendering\nfrom derive.document.request import Request\n"
        "r = Rendering(Request(4)); r.files(); r.printed('text'); r.printed('json')"
    )
    assert not loaded(code) & {"sympy", "numpy", "scipy", "torch", "verify"}


def test_all_of_derive_never_imports_torch_or_verify():
    code = (
        "import pkgutil, importlib, derive\n"
        "for m in pkgutil.walk_packages(derive.__path__, 'derive.'): importlib.import_module(m.name)\n"
        "for name in derive.__all__: getattr(derive, name)"
    )
    assert not loaded(code) & {"torch", "verify"}
