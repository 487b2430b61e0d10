# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a released model on people and takes it never saw: ``make evaluate``.

    python -m facewright.models.training.evaluation.evaluate --data ../shared/data [--model first]
        [--only mouth closures]
        [--plots docs/pictures/evaluation] [--docs docs/evaluation/evaluation.md] [--json figures.json]

Every measure is a file of ``evaluation/measures``; nothing is fitted to the answers. Needs NumPy, onnxruntime and
soundfile, no torch. Rhubarb is measured beside the model where it is installed (``evaluation/rhubarb.py``).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from facewright.inference.core.atomic_write import replacing
from facewright.inference.policy.card import ModelCard
from facewright.inference.policy.predictor import load_predictor
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.measures import measures
from facewright.models.training.evaluation.recordings import NotMeasured, Recordings
from facewright.models.training.evaluation.rhubarb import PACKAGE, Rhubarb
from facewright.models.training.evaluation.table import Table

BEGIN, END = "<!-- figures: written by models/training/evaluation/evaluate.py --docs -->", "<!-- end of figures -->"


def run(names: list[str], product: Bench, peer: Bench | None, plots: Path | None) -> list[Table]:
    """Take the measures, print each as it is done, draw the pictures."""
    tables = []
    for name in names:
        measure = measures()[name]
        try:
            product.recordings.require(measure.NEEDS)
            table = measure.measure(product)
            if peer is not None and measure.PEER:
                table = table.beside("Rhubarb", measure.measure(peer))
            if plots and hasattr(measure, "plot"):
                measure.plot(product, plots)
        except NotMeasured as reason:
            print(f"{name}: not measured, {reason}\n", flush=True)
            continue
        tables.append(table)
        print(table.text() + "\n", flush=True)
    return tables


def into_docs(page: Path, card: ModelCard, tables: list[Table]) -> None:
    """Write the tables between the page's two marks."""
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise SystemExit(f"Expected the lines {BEGIN!r} and {END!r} in {page}, to write the figures between them.")
    parts = [f"Model **{card.name} {card.version}**.", *(table.markdown() for table in tables)]
    new = before + mark + "\n" + "\n\n".join(parts) + "\n" + end + after
    with replacing(page) as beside:
        beside.write_text(new, encoding="utf-8")


def into_json(path: Path, card: ModelCard, tables: list[Table]) -> None:
    """Write the figures as a model card holds them; a peer's by themselves."""
    rows = [figure for table in tables for figure in table.figures()]
    peers = [figure for figure in rows if str(figure["recordings"]).startswith("Rhubarb: ")]
    figures = [figure for figure in rows if figure not in peers]
    text = json.dumps({"model": card.name, "version": card.version, "figures": figures, "peers": peers}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure a released model on people and takes it never saw.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--targets", type=Path, default=Path(".cache/targets"), help="weights solved from video")
    parser.add_argument("--model", default=None, help="folder of models/released, or a path")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", nargs="+", choices=list(measures()), help="these measures, not all")
    parser.add_argument("--rhubarb", type=Path, default=Path(".cache/rhubarb"), help=f"where npm put {PACKAGE}")
    parser.add_argument("--plots", type=Path, help="folder for the pictures")
    parser.add_argument("--json", type=Path, help="file for the figures, as export.py puts them into a model card")
    parser.add_argument("--docs", type=Path, help="page in which to renew the tables")
    given = parser.parse_args()
    if given.docs and given.only:
        parser.error("--docs wants every measure, so not --only")
    return given


def main() -> None:
    """Command line."""
    given = arguments()
    predictor, recordings = load_predictor(given.model, given.device), Recordings(given.data, given.targets)
    card, rhubarb = predictor.card, Rhubarb(given.rhubarb)
    print(f"model {card.name} {card.version} ({card.family})")
    if not rhubarb.installed:
        print(f"Rhubarb is not measured: it needs node, and `npm install --prefix {given.rhubarb} {PACKAGE}`")
    print()
    peer = Bench(recordings, predictor, rhubarb) if rhubarb.installed else None
    if given.plots:
        import matplotlib

        matplotlib.use("Agg")
        given.plots.mkdir(parents=True, exist_ok=True)
    try:
        tables = run(given.only or list(measures()), Bench(recordings, predictor), peer, given.plots)
    finally:
        rhubarb.close()
    if given.json:
        into_json(given.json, card, tables)
    if given.docs:
        into_docs(given.docs, card, tables)


if __name__ == "__main__":
    main()
