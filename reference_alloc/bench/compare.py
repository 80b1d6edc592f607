#!/usr/bin/env python3
"""Runs the four traces on the reference allocator and its peers in turn, and prints medians as ratios.

Usage: compare.py TRACES_PROGRAM REFERENCE_LIBRARY [ROUNDS]

The throughput ratio is reference / peer: above 1, the reference is faster. The memory ratio is the reference's peak
divided by the peer's: below 1, the reference needs less. Every round measures every allocator once, so that a slow
minute affects all of them.
"""

import ctypes.util
import os
import statistics
import subprocess
import sys

TRACES = ("churn", "growth", "large", "handover")
PEERS = {"glibc": None, "jemalloc": "jemalloc", "mimalloc": "mimalloc"}


def available() -> dict[str, str | None]:
    """Peer name -> library to preload (None: the C library's own malloc)."""
    found: dict[str, str | None] = {}
    for name, library in PEERS.items():
        path = ctypes.util.find_library(library) if library else None
        if library and not path:
            print(f"bench-reference: {name} is not installed, left out", file=sys.stderr)
            continue
        found[name] = path
    return found


def measure(program: str, library: str, preload: str | None, trace: str) -> tuple[float, float]:
    environment = dict(os.environ, **({"LD_PRELOAD": preload} if preload else {}))
    output = subprocess.run([program, library, trace], env=environment, check=True, capture_output=True, text=True)
    rate, peak = output.stdout.split()
    return float(rate), float(peak)


def main() -> int:
    program, reference = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    peers = available()
    print(f"{'trace':10}{'reference':>22}" + "".join(f"{'vs ' + peer:>22}" for peer in peers))
    print(f"{'':10}{'Mops/s':>12}{'MiB':>10}" + f"{'throughput':>12}{'memory':>10}" * len(peers))
    for trace in TRACES:
        samples: dict[str, list[tuple[float, float]]] = {"reference": []} | {peer: [] for peer in peers}
        for _ in range(rounds):
            samples["reference"].append(measure(program, reference, None, trace))
            for peer, preload in peers.items():
                samples[peer].append(measure(program, "-", preload, trace))
        rate, peak = (statistics.median(column) for column in zip(*samples["reference"]))
        row = f"{trace:10}{rate / 1e6:12.2f}{peak / 1024:10.1f}"
        for peer in peers:
            peer_rate, peer_peak = (statistics.median(column) for column in zip(*samples[peer]))
            row += f"{rate / peer_rate:12.2f}{peak / peer_peak:10.2f}"
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
