"""Makes ``src/waakzaam/report/world.json``: outlines of countries for the map of a report, a point in each.

Run by hand, rarely: ``npm install world-atlas`` and ``pip install pycountry`` somewhere, then
``python tools/make_map.py FOLDER_OF_WORLD_ATLAS``. The shapes are Natural Earth's (public domain, scale 1:110
million; of countries that are too small for it only a point is taken, from 1:50 million).

The map is Plate Carrée: one unit is half a degree; x from 0 (180° W) to 720, y from 0 (84° N) to 280 (56° S).
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

NORTH, SOUTH = 84.0, -56.0
SCALE = 2.0
WIDTH = 720
SMALLEST = 6.0
"""Square units: smaller islands are left out, unless they are the largest part of a country."""
OUT = Path(__file__).resolve().parents[1] / "src" / "waakzaam" / "report" / "world.json"

Ring = list[tuple[float, float]]


def rings(atlas: dict[str, Any]) -> dict[str, list[Ring]]:
    """Outer rings of each country in degrees, by ISO 3166-1 numeric code (TopoJSON 1.0)."""
    transform = atlas["transform"]
    arcs = [_unpacked(arc, transform["scale"], transform["translate"]) for arc in atlas["arcs"]]
    found: dict[str, list[Ring]] = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        code = shape.get("id") or shape["properties"]["name"]
        found.setdefault(code, []).extend(_joined(polygon[0], arcs) for polygon in polygons)
    return found


def _unpacked(arc: list[list[int]], scale: list[float], shift: list[float]) -> Ring:
    x = y = 0
    points = []
    for right, up in arc:
        x, y = x + right, y + up
        points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
    return points


def _joined(numbers: list[int], arcs: list[Ring]) -> Ring:
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return ring


def drawn(ring: Ring) -> list[list[tuple[int, int]]]:
    """A ring on the map, in whole numbers and without repetition; twice if it crosses 180° E."""
    points: list[tuple[int, int]] = []
    turned = 0.0
    before = ring[0][0]
    for east, north in ring:
        turned += 360.0 if east - before < -180 else -360.0 if east - before > 180 else 0.0
        before = east
        x, y = east + turned + 180, NORTH - min(NORTH, max(SOUTH, north))
        point = (round(x * SCALE), round(y * SCALE))
        if not points or points[-1] != point:
            points.append(point)
    xs = [x for x, _ in points]
    shifts = [shift for shift in (-WIDTH, 0, WIDTH) if max(xs) + shift > 0 and min(xs) + shift < WIDTH]
    return [[(x + shift, y) for x, y in points] for shift in shifts]


def area(points: list[tuple[int, int]]) -> float:
    """Square units inside a ring."""
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def middle(points: list[tuple[int, int]]) -> tuple[int, int]:
    """The middle of a ring's extent."""
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2


def main() -> None:
    """Write the file."""
    import pycountry

    folder = Path(sys.argv[1])
    coarse, fine = (
        rings(json.loads((folder / f"countries-{scale}.json").read_text())) for scale in ("110m", "50m")
    )
    codes = {each.numeric: each.alpha_2 for each in pycountry.countries}
    countries: dict[str, dict[str, Any]] = {}
    for number, outlines in sorted((fine | coarse).items()):
        code = codes.get(number, "")
        if number == "Kosovo":
            code = "XK"
        if not code or code == "AQ" or code in countries:
            continue
        exact = coarse.get(number)
        shapes = [shape for ring in exact or outlines for shape in drawn(ring)]
        shapes.sort(key=lambda shape: (area(shape), 0 <= middle(shape)[0] <= WIDTH), reverse=True)
        point = middle(shapes[0])
        kept = [shape for place, shape in enumerate(shapes) if not place or area(shape) >= SMALLEST]
        countries[code] = {"point": point, "paths": [_path(shape) for shape in kept] if exact else []}
    OUT.write_text(
        json.dumps(countries, sort_keys=True, separators=(",", ":")).replace('},"', '},\n"') + "\n"
    )


def _path(points: list[tuple[int, int]]) -> str:
    """An SVG path in relative steps."""
    steps = [f"M{points[0][0]} {points[0][1]}l"]
    steps += [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points)]
    return " ".join(steps) + "z"


if __name__ == "__main__":
    main()
