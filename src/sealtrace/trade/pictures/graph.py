"""A picture of a network: parties in rings around the one that is looked at, ties as lines, every name written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .svg import Picture
from .words import say


class NodeKind(StrEnum):
    """What a node stands for."""

    EXPORTER = "exporter"
    CONSIGNEE = "consignee"
    ADDRESS = "address"
    PHONE = "phone"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Node:
    """One party, address, telephone or country; `ring` is how many ties away it is from the middle."""

    id: str
    kind: NodeKind
    name: str
    ring: int
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie between two nodes: declarations, and kilograms where goods moved."""

    source: str
    target: str
    declarations: int
    kg: float


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes and ties around one party, and how many more there were than are shown."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int

    def as_dict(self) -> dict[str, object]:
        """Give it for JSON."""
        return {
            "nodes": [{"id": n.id, "kind": n.kind.value, "name": n.name, "ring": n.ring, "ours": n.ours}
                      for n in self.nodes],
            "edges": [{"source": e.source, "target": e.target, "declarations": e.declarations, "kg": e.kg}
                      for e in self.edges],
            "left_out": self.left_out,
        }  # fmt: skip


WIDTH, HEIGHT = 720.0, 480.0


def draw(network: Network, language: str, *, title: str = "") -> str:
    """Draw a network. Exporters are squares, consignees discs, all else small; the one looked at is a diamond."""
    told = "; ".join(f"{e.source} – {e.target}: {e.declarations}" for e in network.edges)
    made = Picture(title or say("network", language), told or "—", HEIGHT, WIDTH)
    places = _places(network.nodes, network.edges)
    for edge in network.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        made.line(x1, y1, x2, y2, "grid")
    for node in network.nodes:
        x, y = places[node.id]
        cls = "this" if node.ours else "peer"
        if node.ring == 0:
            made.diamond(x, y, 10)
        elif node.kind is NodeKind.EXPORTER:
            made.box(x - 6, y - 6, 12, 12, cls)
        else:
            made.dot(x, y, 6 if node.kind is NodeKind.CONSIGNEE else 3.5, cls)
        anchor = "start" if x >= WIDTH / 2 else "end"
        made.say(x + (11 if anchor == "start" else -11), y + 4, node.name, cls="strong" if node.ours else "",
                 anchor=anchor)  # fmt: skip
    return made.svg()


def _places(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Rings of nodes; in each ring a node stands near the ones it is tied to further in. Deterministic."""
    angle: dict[str, float] = {}
    placed: dict[str, tuple[float, float]] = {}
    ties: dict[str, list[str]] = {n.id: [] for n in nodes}
    for edge in edges:
        ties[edge.source].append(edge.target)
        ties[edge.target].append(edge.source)
    rings = max((n.ring for n in nodes), default=0)
    for ring in range(rings + 1):
        inside = [n for n in nodes if n.ring == ring]
        if ring == 0:
            for node in inside:
                angle[node.id], placed[node.id] = 0.0, (WIDTH / 2, HEIGHT / 2)
            continue
        wanted = {
            n.id: _mean_angle([angle[t] for t in ties[n.id] if t in angle and ring > 1]) for n in inside
        }
        inside.sort(key=lambda n: (wanted[n.id], n.kind, n.id))
        for place, node in enumerate(inside):
            turn = 2 * math.pi * place / len(inside) - math.pi / 2
            angle[node.id] = turn
            share = ring / rings
            placed[node.id] = (
                WIDTH / 2 + share * (WIDTH / 2 - 110) * math.cos(turn),
                HEIGHT / 2 + share * (HEIGHT / 2 - 22) * math.sin(turn),
            )
    return placed


def _mean_angle(angles: Sequence[float]) -> float:
    if not angles:
        return 0.0
    return math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles))) % (2 * math.pi)
