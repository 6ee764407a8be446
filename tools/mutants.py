"""Every mutant of a module: its tree with one small fault, as a slip of the hand would leave it.

A number moves by one in its last place, in a decimal that is written as text and in a rule of CTCAE too. A comparison
moves across its limit. A condition holds always or never, or loses its denial; truths, connectives and operators turn
around. A statement or an entry of a table is lost, a word that is data is misspelt, a message loses what it names.

Left alone: annotations and types, imports, docstrings, what `dataclass`, `cache` and `overload` are told, and the
wording of messages.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

MESSAGES = {"InputError", "ValueError", "Missing", "fault"}
WORDING = {"reason", "mend", "why", "what"}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {"min": "max", "any": "all", "any_of": "all_of", "lt": "le", "gt": "ge", "ROUND_HALF_UP": "ROUND_HALF_EVEN"}
NAMES |= {other: name for name, other in NAMES.items()}
NUMBER = re.compile(r"(?<![\w.^*])\d+(?:\.\d+)?(?:e\d+)?(?![\w.^*])")
TURNS = {"<=": "<", ">=": ">", "<": "<=", ">": ">=", " & ": " | ", " | ": " & ", "not ": "", "?": ""}
TURN = re.compile("|".join(map(re.escape, TURNS)))


@dataclass(frozen=True)
class Mutant:
    """One fault; the tree holds it until the next is drawn.

    Attributes:
        line: Where it is.
        function: The outermost function or method whose body it is in, by its qualified name; empty where it is none.
        was: What stood there.
        now: What stands there.
    """

    line: int
    function: str
    was: str
    now: str


@dataclass(frozen=True)
class Place:
    """A node by its owner, and what surrounds it."""

    owner: ast.AST
    field: str
    index: int | None
    function: str
    in_message: bool

    @property
    def node(self) -> ast.AST:
        """What stands there."""
        held = getattr(self.owner, self.field)
        return held if self.index is None else held[self.index]

    def put(self, node: ast.AST) -> None:
        """Let another node stand there."""
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Put one fault after another into the tree; it is as it was once all are drawn."""
    for place in list(_places(tree, "", "", in_message=False)):
        node = place.node
        for changed in _changes(node, place):
            ast.copy_location(changed, node)
            ast.fix_missing_locations(changed)
            place.put(changed)
            yield Mutant(node.lineno, place.function, _shown(node), _shown(changed))
            place.put(node)


def _places(owner: ast.AST, scope: str, function: str, *, in_message: bool) -> Iterator[Place]:
    """Every place below an owner; `scope` is the class around it."""
    for field, index, node in _children(owner):
        if _left_alone(field, node):
            continue
        inside = function
        if isinstance(owner, ast.FunctionDef) and field == "body":
            inside = function or f"{scope}{owner.name}"
        told = in_message or _is_wording(owner, field, index)
        if hasattr(node, "lineno"):
            yield Place(owner, field, index, inside, told)
        within = f"{owner.name}." if isinstance(owner, ast.ClassDef) else scope
        yield from _places(node, within, inside, in_message=told)


def _is_wording(owner: ast.AST, field: str, index: int | None) -> bool:
    """Whether what stands there is wording: of a fault, or the reason and the mend of a refusal."""
    match owner:
        case ast.Call(func=func) if field == "args":
            return _name(func) in MESSAGES or (_name(func) == "invalid" and index in {1, 2})
        case ast.keyword(arg=name) | ast.Assign(targets=[ast.Name(id=name)]) if field == "value":
            return name in WORDING
    return False


def _children(owner: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, held in ast.iter_fields(owner):
        if isinstance(held, ast.AST):
            yield field, None, held
        elif isinstance(held, list):
            yield from ((field, index, node) for index, node in enumerate(held) if isinstance(node, ast.AST))


def _left_alone(field: str, node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="strict"):  # the strictness of zip guards the programmer, not the patient
            return True
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()) | ast.arg():
            return True
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.FunctionDef(decorator_list=[ast.Name(id="overload")]):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) if name[0].isupper() and name[1:] == name[1:].lower():  # a type
            return True
    if field in {"annotation", "returns", "target", "targets", "format_spec"}:
        return True
    return field == "decorator_list" and _name(node) != "item"


def _name(node: ast.AST) -> str:
    match node:
        case ast.Call(func=func):
            return _name(func)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _changes(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    match node:
        case ast.Constant():
            yield from _other_values(node.value, place)
        case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
            yield from _without_an_entry(node)
        case ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp():
            yield from _other_operations(node)
        case ast.FormattedValue():
            yield ast.Constant("")
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield ast.Name(NAMES[name], ast.Load())
        case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Break():
            yield ast.Pass()
    if place.field == "test" or (isinstance(place.owner, ast.comprehension) and place.field == "ifs"):
        yield from (ast.Constant(value) for value in (True, False))


def _other_values(value: object, place: Place) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int():
            yield from (ast.Constant(value + step) for step in (1, -1))
        case float():
            yield from (ast.Constant(float(moved)) for moved in _moved(repr(value)))
        case str() if not place.in_message:
            yield from map(ast.Constant, _misspelt(value))


def _other_operations(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=operators, comparators=right):
            for index, operator in enumerate(operators):
                turned = [*operators[:index], COMPARISONS[type(operator)](), *operators[index + 1 :]]
                yield ast.Compare(left, turned, right)
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(operator)](), right)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand


def _without_an_entry(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                yield ast.Dict([*keys[:index], *keys[index + 1 :]], [*values[:index], *values[index + 1 :]])
        case ast.List(elts=entries, ctx=ast.Load()) | ast.Tuple(elts=entries, ctx=ast.Load()) | ast.Set(elts=entries):
            if len({type(entry) for entry in entries}) == 1:  # else it is no list but a row, which unpacks or fails
                for index in range(len(entries)):
                    rest = [*entries[:index], *entries[index + 1 :]]
                    yield ast.Set(rest) if isinstance(node, ast.Set) else type(node)(rest, ast.Load())


def _misspelt(text: str) -> Iterator[str]:
    for found in NUMBER.finditer(text):
        for moved in _moved(found[0]):
            yield f"{text[: found.start()]}{moved}{text[found.end() :]}"
    for found in TURN.finditer(text):
        yield f"{text[: found.start()]}{TURNS[found[0]]}{text[found.end() :]}"
    if not NUMBER.search(text) and not TURN.search(text):
        yield f"{text}X"


def _moved(number: str) -> tuple[Decimal, Decimal]:
    """A number one more and one less in its last place."""
    step = Decimal(1).scaleb(Decimal(number).as_tuple().exponent)
    return Decimal(number) + step, Decimal(number) - step


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:100]}..."
