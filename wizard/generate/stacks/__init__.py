"""The stacks that a Dockerfile can be written for, and how each is recognised in the root of a repository."""

from __future__ import annotations

from collections.abc import Callable

from wizard.generate.stacks.dotnet import Dotnet, detect_dotnet
from wizard.generate.stacks.go import Go, detect_go
from wizard.generate.stacks.java import Java, detect_java
from wizard.generate.stacks.node import Node, detect_node
from wizard.generate.stacks.php import Php, detect_php
from wizard.generate.stacks.python import Python, detect_python
from wizard.generate.stacks.ruby import Ruby, detect_ruby
from wizard.generate.stacks.rust import Rust, detect_rust
from wizard.generate.stacks.static import Static, detect_static
from wizard.generate.tree import Tree

Stack = Php | Go | Java | Rust | Ruby | Python | Dotnet | Node | Static

_DETECTORS: tuple[Callable[[Tree], Stack | None], ...] = (
    detect_php,
    detect_go,
    detect_java,
    detect_rust,
    detect_ruby,
    detect_python,
    detect_dotnet,
    detect_node,
)


def detect_stacks(tree: Tree) -> tuple[Stack, ...]:
    """Return every stack of the root; what only makes assets for another stack is a part of that one."""
    found = [stack for stack in (detect(tree) for detect in _DETECTORS) if stack]
    owners = any(isinstance(stack, Php) or (isinstance(stack, Ruby) and stack.node) for stack in found)
    kept = tuple(stack for stack in found if not (owners and isinstance(stack, Node)))
    site = None if kept else detect_static(tree)
    return kept or ((site,) if site else ())
