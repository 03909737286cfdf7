"""What the source of printed Python may hold."""

import ast

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub)


def assert_plain(source, other=(0.5,)):
    """Only + - * / ** and integers that doubles hold; ``other`` numbers, as the root of ``radius``."""
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Call | ast.Attribute | ast.If)
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            assert isinstance(node.op, OPERATORS)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            assert not isinstance(node.left, ast.Constant)  # never (7/3)*x
        if isinstance(node, ast.Constant) and not isinstance(node.value, str) and node.value not in other:
            assert node.value < 2**53
            assert type(node.value) is (int if node.value < 2**31 else float)
            assert node.value == int(node.value)
