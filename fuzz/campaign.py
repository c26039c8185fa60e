#!/usr/bin/env python3
"""Runs the fuzz targets that `run.sh` has built, some at a time, and says what they did.

Prints the executions of each target and of all, and every finding; fails when there is one. A finding
is a file in `target/fuzz/findings/`: give it to the program of its target to see it again.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "target" / "fuzz"
SECONDS = {"short": 10, "long": 1800}
# Of a long run, the part without and the part with ASan, which is four to eight times slower.
SHARES = {"short": {"address": 1.0}, "long": {"none": 0.75, "address": 0.25}}
MOST = 1024  # bytes of an input: some windows of every kernel, some lines of every kind


@dataclass
class Run:
    """What one target did."""

    target: str
    executions: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)
    trouble: list = field(default_factory=list)


def main() -> int:
    kind, *features = sys.argv[1:]
    seconds = int(os.environ.get("FUZZ_SECONDS") or SECONDS[kind])
    jobs = int(os.environ.get("FUZZ_JOBS") or os.cpu_count() or 1)
    names = os.environ.get("FUZZ_TARGETS", "").split() or targets(features)
    for folder in ("findings", "logs"):
        (FUZZ / folder).mkdir(parents=True, exist_ok=True)
    print(f"== fuzz: {len(names)} targets, {seconds} s each, {jobs} at a time", flush=True)
    runs = []
    with ThreadPoolExecutor(jobs) as pool:
        for run in pool.map(lambda name: fuzz(name, kind, seconds), names):
            print(line(run), flush=True)
            runs.append(run)
    return conclude(runs)


def targets(features: list) -> list:
    """The programs that Cargo.toml lists, and whose features are there."""
    text = (ROOT / "fuzz" / "Cargo.toml").read_text()
    entries = text.split("[[bin]]")[1:]
    names = []
    for entry in entries:
        needed = re.search(r'required-features = \["(\w+)"\]', entry)
        if needed is None or needed[1] in features:
            names.append(re.search(r'name = "(\w+)"', entry)[1])
    return names


def fuzz(target: str, kind: str, seconds: int) -> Run:
    run = Run(target)
    corpus = FUZZ / ("corpus" if kind == "long" else "corpus-short") / target
    corpus.mkdir(parents=True, exist_ok=True)
    if kind == "short":
        for old in corpus.iterdir():
            old.unlink()
    for sanitizer, share in SHARES[kind].items():
        if not run.trouble:
            once(run, sanitizer, max(1, int(share * seconds)), corpus)
    return run


def once(run: Run, sanitizer: str, seconds: int, corpus: Path) -> None:
    """One process, until its time is over or it finds something."""
    program = program_of(run.target, sanitizer)
    seeds = FUZZ / "seeds" / run.target
    command = [
        str(program), f"-max_total_time={seconds}", f"-max_len={MOST}", "-timeout=10",
        "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
        f"-dict={ROOT / 'fuzz' / 'http.dict'}",
        f"-artifact_prefix={FUZZ / 'findings'}/{run.target}-", str(corpus),
        *([str(seeds)] if seeds.is_dir() else []),
    ]
    log, began = FUZZ / "logs" / f"{run.target}-{sanitizer}.txt", time.monotonic()
    with log.open("wb") as out:
        status = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
    run.seconds[sanitizer] = time.monotonic() - began
    said = log.read_text(errors="replace")
    count = re.search(r"stat::number_of_executed_units: (\d+)", said)
    run.executions[sanitizer] = int(count[1]) if count else 0
    if status != 0 or not run.executions[sanitizer]:
        run.trouble.append(finding(run.target, program, status, said, log))


def finding(target: str, program: Path, status: int, said: str, log: Path) -> str:
    wanted = r"panicked at|^assertion|^ +left:|^ +right:|ERROR:|SUMMARY:|Test unit|^Base64:"
    lines = [text for text in said.splitlines() if re.search(wanted, text)]
    shown = "\n".join("    " + text[:2000] for text in lines[:12])
    return f"{target}: status {status}, {log.relative_to(ROOT)}\n{shown}\n    again: {program} FILE"


def program_of(target: str, sanitizer: str) -> Path:
    found = list((FUZZ / sanitizer).glob(f"*/release/{target}"))
    if len(found) != 1:
        sys.exit(f"no program for {target} with sanitizer {sanitizer}: {found}")
    return found[0]


def line(run: Run) -> str:
    rates = ", ".join(
        f"{run.executions[name] / run.seconds[name]:,.0f}/s ({name})" for name in run.executions)
    told = "a FINDING" if run.trouble else "no finding"
    return f"   {run.target:<11} {sum(run.executions.values()):>13,} executions, {rates}: {told}"


def conclude(runs: list) -> int:
    total = sum(sum(run.executions.values()) for run in runs)
    spent = sum(sum(run.seconds.values()) for run in runs) / 3600
    troubles = [trouble for run in runs for trouble in run.trouble]
    print(f"== fuzz: {total:,} executions in {spent:.2f} h of CPU, {len(troubles)} findings")
    for trouble in troubles:
        print(trouble)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
