"""The faults of `scripts/mutants.py`: each is a short text in place of a piece of a file."""

import ast
import hashlib

WHERE = ["model.py", "inference.py", "log_likelihood.py", "likelihoods*", "posteriors*"]
WHERE += ["tables*", "priors", "mappings", "_engine"]
OTHER = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def _number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _changes(node, axis):
    """Yield (what it does, the new text) for each fault that this node may have."""
    text = ast.unparse
    match node:
        case ast.BinOp(left, op, right) if type(op) in OTHER:
            yield "operator", f"({text(ast.BinOp(left, OTHER[type(op)](), right))})"
        case ast.AugAssign(target, op, value) if type(op) in OTHER:
            yield "operator", text(ast.AugAssign(target, OTHER[type(op)](), value))
            yield "deleted", "pass"
        case ast.Compare(left, [op, *ops], right):
            yield "comparison", f"({text(ast.Compare(left, [OTHER[type(op)](), *ops], right))})"
        case ast.BoolOp(op, values):
            yield "and/or", f"({text(ast.BoolOp(OTHER[type(op)](), values))})"
        case ast.UnaryOp(ast.Not() | ast.USub(), operand) if not (axis and _number(operand)):
            yield "sign dropped", f"({text(operand)})"
        case ast.Constant(bool(value)):
            yield "flipped", str(not value)
        case ast.Constant(value) if _number(node) and not axis:
            yield "plus one", repr(value + 1)
            if value:
                yield "minus", f"(-{value!r})"
                yield "zero", "0"
        case ast.keyword("axis", value) if isinstance(value, ast.Constant | ast.UnaryOp):
            yield "axis", "axis=-1" if text(value) == "0" else "axis=0"
        case ast.Call(_, [first, *rest], keywords) if not isinstance(first, ast.Starred):
            yield "call dropped", f"({text(first)})"
            if rest and not isinstance(rest[0], ast.Starred):
                swapped = ast.Call(node.func, [rest[0], first, *rest[1:]], keywords)
                yield "swapped", text(swapped)
        case ast.Return(value) if value is not None and text(value) != "None":
            yield "returns None", "return None"
        case ast.Raise() | ast.Expr(ast.Call()) | ast.Delete() | ast.Assert():
            yield "deleted", "pass"
        case ast.Assign([ast.Attribute() | ast.Subscript()], _):
            yield "deleted", "pass"


def _walk(node, place=(), axis=False):
    """Yield (node, place, axis) of what may be changed: no docstring, hint, message, import, name list."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        place = (*place, node.name)
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.arg):
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("__"):
        return
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.keyword):
        if node.arg == "stacklevel":
            return
        axis = node.arg == "axis"
    yield node, place, axis
    if isinstance(node, ast.Raise):
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, place, axis and field == "value")


def _tests_of_ifs(node):
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test, "always", "True"
        yield node.test, "never", "False"


def mutants(source, file):
    """Every mutant of one file: {name: {"file", "place", "span", "new"}}; the span counts bytes."""
    found, encoded = {}, source.encode()
    starts = [0]
    for row in encoded.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    for node, place, axis in _walk(ast.parse(source)):
        changes = [(node, *change) for change in _changes(node, axis)]
        for target, kind, new in (*changes, *_tests_of_ifs(node)):
            begin = starts[target.lineno - 1] + target.col_offset
            end = starts[target.end_lineno - 1] + target.end_col_offset
            old = " ".join(encoded[begin:end].decode().split())
            short = new if len(new) < 60 else new[:57] + "..."
            where = f"{file}:{target.lineno} {'.'.join(place)}"
            name = f"{where} [{kind}] {old[:60]} -> {short}"
            place_, span = ".".join(place), (begin, end)
            key = f"{place_} {kind} {old} {new}"
            site = f"{place_} {old}"
            found[name] = {"file": file, "place": place_, "span": span, "new": new}
            found[name] |= {"key": key, "site": site}
    return found


def write(source, mutant):
    """The file's text with the change."""
    begin, end = mutant["span"]
    encoded = source.encode()
    return (encoded[:begin] + mutant["new"].encode() + encoded[end:]).decode()


def public_names(source):
    """The functions and classes that a file gives to others."""
    kinds = ast.ClassDef | ast.FunctionDef
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds)]


def sample(root, seed, count):
    """`count` mutants, at most one for each place in the code, in the order of a hash with the seed.

    The hash is of the code, not of the line: what changes elsewhere leaves the sample as it is.
    """
    found, package = {}, root / "intelvae_keras"
    for path in sorted(found for pattern in WHERE for found in package.glob(pattern)):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found |= mutants(file.read_text(), file.relative_to(root).as_posix())

    def order(name):
        return hashlib.sha256(f"{seed} {found[name]['key']}".encode()).hexdigest()

    chosen, sites = {}, set()
    for name in sorted(found, key=order):
        if found[name]["site"] not in sites and len(chosen) < count:
            sites.add(found[name]["site"])
            chosen[name] = found[name]
    return chosen
