"""C, MATLAB, JavaScript and Mathematica against Python: the same numbers to rounding, over a grid."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import sympy
from emitted_modules import OTHERS, expansion_of, flat, other_module, point
from slow_cases import slow_but

import derive
from derive.series.expression import Expression
from derive.write.code.languages import LANGUAGES
from derive.write.code.mathematica import _spelled

MODULES = ["expansion 1", "expansion 5", "expansion 20", "g0", "rho", "all", *OTHERS]
QUICK = {"expansion 5", "all", "numbers", "overlap", "closed form 2"}
POINTS = 3


def module_of(name, language):
    if name.startswith("expansion"):
        return expansion_of(int(name.split()[1]))
    if name in ("g0", "rho", "all"):
        return expansion_of(4, name)
    return other_module(name, language)


@pytest.fixture(params=slow_but(QUICK, MODULES))
def name(request):
    return request.param


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def cases(module):
    """Each function with its arguments and the numbers that Python gives."""
    g0 = "at g = 0" in module.doc.splitlines()[0]
    for function in module.functions:
        for seed in range(POINTS):
            values = point(function, seed, g0)
            yield function, values, flat(function(*values))


def compared(module, found):
    """Numbers of all cases in order against Python's: tens of roundings, some of them before cancellation."""
    position = 0
    for function, _, expected in cases(module):
        values = np.array(found[position : position + len(expected)], dtype=float)
        position += len(expected)
        np.testing.assert_allclose(values, expected, rtol=1e-11, atol=1e-15, err_msg=function.name)
    assert position == len(found)


@pytest.mark.parametrize("compiler", ["gcc -std=c99", "g++ -x c++"])
def test_c(tmp_path, name, compiler):
    """Compiled without a warning, and linked without a library of mathematics but for exp, log and tanh."""
    program, *options = compiler.split()
    needs(program)
    module = module_of(name, "c")
    source = LANGUAGES["c"](module)
    assert ("#include" in source) == name.startswith(("flow", "closed"))  # exp, log, tanh
    library = ["-lm"] if name.startswith(("flow", "closed")) else []
    calls = []
    for function, values, expected in cases(module):
        given = [
            f"(const double[]){{{', '.join(map(repr, x.values()))}}}" if isinstance(x, dict) else repr(x)
            for x in values
        ]
        lines = []
        for i, value in enumerate(given):
            if value.startswith("(const"):
                lines.append(f"const double m{i}[] = {value.removeprefix('(const double[])')};")
                given[i] = f"m{i}"
        text = ", ".join(given)
        if isinstance(function.result, Expression):
            lines.append(f'printf("%.17g\\n", {function.name}({text}));')
        else:
            size = len(expected)
            lines.append(f"double out[{size}]; {function.name}({text}, out);")
            lines.append(f'for (int i = 0; i < {size}; i++) printf("%.17g\\n", out[i]);')
        calls.append("    {" + " ".join(lines) + "}")
    # what the module needs it includes by itself: nothing stands before it
    main = "\n".join([source, "#include <stdio.h>", "int main(void) {", *calls, "    return 0;", "}"])
    (tmp_path / "main.c").write_text(main)
    warnings = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
    run(program, *options, *warnings, str(tmp_path / "main.c"), "-o", str(tmp_path / "main"), *library)
    compared(module, [float(x) for x in run(str(tmp_path / "main")).split()])


def test_matlab(tmp_path, name):
    needs("octave-cli")
    module = module_of(name, "matlab")
    (tmp_path / f"{module.name}.m").write_text(LANGUAGES["matlab"](module))
    script = [
        "function show(x)",
        "  if iscell(x), for i = 1:numel(x), show(x{i}); end",
        "  elseif isstruct(x), show(struct2cell(x));",
        "  else printf('%.17g\\n', x); end",
        "end",
        f"cd('{tmp_path}');",
    ]
    for function, values, _ in cases(module):
        given = [
            "struct(" + ", ".join(f"'{key}', {x!r}" for key, x in value.items()) + ")"
            if isinstance(value, dict)
            else repr(value)
            for value in values
        ]
        script.append(f"show({module.name}('{function.name}', {', '.join(given)}));")
    (tmp_path / "script.m").write_text("\n".join(["1;", *script]))
    printed = run("octave-cli", "--no-gui", "--quiet", "--norc", str(tmp_path / "script.m"))
    compared(module, [float(x) for x in printed.split()])


def test_matlab_functions_take_arrays(tmp_path):
    needs("octave-cli")
    module = expansion_of(5)
    (tmp_path / f"{module.name}.m").write_text(LANGUAGES["matlab"](module))
    tau, zhat = [0.01, 0.02, 0.03], [0.5, 1.0]
    script = f"cd('{tmp_path}'); printf('%.17g\\n', {module.name}('loss', {tau}, {zhat}', 0.4)');"
    found = np.reshape(
        list(map(float, run("octave-cli", "--quiet", "--norc", "--eval", script).split())), (2, 3)
    )
    loss = next(f for f in module.functions if f.name == "loss")
    np.testing.assert_allclose(found, loss(np.array(tau), np.array(zhat)[:, None], 0.4), rtol=1e-13)


def test_javascript(tmp_path, name):
    needs("node")
    module = module_of(name, "javascript")
    path = tmp_path / f"{module.name}{LANGUAGES['javascript'].ending}"
    path.write_text(LANGUAGES["javascript"](module))
    calls = [
        f"m.{function.name}({', '.join(json.dumps(x) for x in values)})"
        for function, values, _ in cases(module)
    ]
    (tmp_path / "main.mjs").write_text(
        f'import * as m from "./{path.name}";\n'
        'const flat = (x) => typeof x === "number" ? [x] : Object.values(x).flatMap(flat);\n'
        f"console.log(JSON.stringify([{', '.join(calls)}].flatMap(flat)));\n"
    )
    compared(module, json.loads(run("node", str(tmp_path / "main.mjs"))))


def entry(mapping, key):
    return f"{mapping}z{key.replace('_', 'z')}"


def definition(source, function):
    """A definition read back by sympy's parser of Mathematica: arguments, assignments and result."""
    from sympy.parsing.mathematica import parse_mathematica

    head, body = re.search(
        rf"^{_spelled(function.name)}\[(.*?)\] := Module\[\{{.*?\}},\n(.*?)^\]", source, re.M | re.S
    ).groups()
    # an entry of an association as a symbol, which has no underscore
    body = re.sub(r'(\w+)\["(\w+)"\]', lambda m: entry(m[1], m[2]), body)
    body = re.sub(r"\bbeta\b", "betaz", body)  # which sympy's parser takes for its own function
    *statements, last = [line.strip() for line in body.strip().split(";\n")]
    pairs = [statement.partition(" = ") for statement in statements]
    last = re.sub(r'("\w+"|\{[\d,]+\}) -> ', "", last.replace("<|", "{").replace("|>", "}"))
    return (
        [argument.partition("_")[0] for argument in head.split(", ")],
        [(name, parse_mathematica(text)) for name, _, text in pairs],
        parse_mathematica(last),
    )


def evaluated(parsed, values):
    arguments, assignments, result = parsed
    known = {}
    for word, value in zip(arguments, values, strict=True):
        mapping = value if isinstance(value, dict) else {}
        entries = {entry(word, key): x for key, x in mapping.items()} or {word: value}
        known |= {sympy.Symbol(key): sympy.Float(x, 40) for key, x in entries.items()}

    def numbers(node):
        if isinstance(node, tuple | sympy.Tuple):
            return [x for part in node for x in numbers(part)]
        return [sympy.sympify(node).xreplace(known)]

    for name, expression in assignments:
        (known[sympy.Symbol(name)],) = numbers(expression)
    return [float(x) for x in numbers(result)]


@pytest.mark.slow
def test_mathematica(name):
    module = module_of(name, "mathematica")
    if name == "expansion 20":  # the parser takes a minute for all functions
        module = replace(module, functions=module.functions[:1])
    source = LANGUAGES["mathematica"](module)
    parsed = {function.name: definition(source, function) for function in module.functions}
    compared(module, [x for f, values, _ in cases(module) for x in evaluated(parsed[f.name], values)])


def test_names_that_a_language_keeps_for_itself():
    """The symbol ``double`` of the overlap series is an argument in every language."""
    module = other_module("series")
    assert "double double_" in LANGUAGES["c"](module)
    assert "(tau, c, double, x)" in LANGUAGES["javascript"](module)


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_closed_form_in_every_language_is_the_one_of_determinants(nodes):
    T = np.array([0.05, 0.2, 0.4])
    for g in (0.3, 0.6):
        form = derive.closed_form(g, nodes=nodes)
        below, above = form.scalars(T)
        D, readout, sharpness = (f(T, g) for f in other_module(f"closed form {nodes}").functions)
        np.testing.assert_allclose(D, below, rtol=1e-12)
        np.testing.assert_allclose(readout, above / below, rtol=1e-12)
        np.testing.assert_allclose(sharpness, 1 / (1 - g * g) ** 2 / below**4, rtol=1e-12)
