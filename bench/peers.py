"""Gets the tools that we compare with. Each package client asks the registry it is set up with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

TRACKHAR = "trackhar@1.0.0"
CONVERTERS = ("pcap2har==0.1.2", "pcapng-utils==1.1.0")

CYBERCHEF = "cyberchef@11.5.0"
# It imports these and does not name them among its dependencies.
CYBERCHEF_NEEDS = ("terser@5", "yaml@2", "js-yaml@4")
PEELERS = ("dfir-unfurl==20261007", "bbpb==1.4.2", "mitmproxy")


def _apt(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package]
    return subprocess.run(command, env=environment, capture_output=True).returncode == 0


def tshark() -> tuple[str, str] | str:
    """Return (path, version) of tshark, installing it if that is possible, or one line saying why not."""
    if shutil.which("tshark") is None and not _apt("tshark"):
        return "tshark is missing: install it (Debian: apt-get install tshark) and run again"
    program = shutil.which("tshark")
    if program is None:
        return "tshark was installed but cannot be found"
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return program, version[2] if len(version) > 2 else "unknown"


def trackhar(folder: Path) -> tuple[list[str], str] | str:
    """Return (node with its script and package, version) after installing TrackHAR into `folder`."""
    if (shutil.which("node") is None or shutil.which("npm") is None) and not _apt("npm"):
        return "node and npm are missing: install them (Debian: apt-get install npm) and run again"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node was installed but cannot be found"
    package = folder / "node_modules" / "trackhar"
    if not package.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
        command = [npm, "install", "--prefix", str(folder), *quiet, TRACKHAR]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install {TRACKHAR}: {done.stderr.strip().splitlines()[-1:]}"
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    return [node, str(package)], f"{TRACKHAR.partition('@')[2]} (node {version})"


def converters(folder: Path) -> tuple[Path, str] | str:
    """Return (folder of their commands, versions) after installing the converters from pcap to HAR."""
    place = folder / "python"
    if not (place / "bin" / "pcap2har").exists():
        for command in (
            [sys.executable, "-m", "venv", str(place)],
            [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *CONVERTERS],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                return f"pip could not install {CONVERTERS}: {done.stderr.strip().splitlines()[-1:]}"
    return place / "bin", ", ".join(CONVERTERS)


def with_secrets(capture: Path, keys: Path, target: Path) -> bool:
    """Write the capture as pcapng with the key log inside, by Wireshark's own tool; False: it is missing."""
    editcap = shutil.which("editcap")
    if editcap is None:
        return False
    command = [editcap, "--inject-secrets", f"tls,{keys}", str(capture), str(target)]
    return subprocess.run(command, capture_output=True).returncode == 0


def cyberchef(folder: Path) -> tuple[list[str], str] | str:
    """Return (command that runs Magic on samples, version) after installing CyberChef into `folder`."""
    if (shutil.which("node") is None or shutil.which("npm") is None) and not _apt("npm"):
        return "node and npm are missing: install them (Debian: apt-get install npm) and run again"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node was installed but cannot be found"
    package = folder / "node_modules" / "cyberchef"
    if not (folder / "node_modules" / "js-yaml").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
        command = [npm, "install", "--prefix", str(folder), *quiet, CYBERCHEF, *CYBERCHEF_NEEDS]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"npm could not install {CYBERCHEF}: {done.stderr.strip().splitlines()[-1:]}"
        # Its own step after an installation: imports of one dependency without file endings.
        fix = package / "src" / "core" / "config" / "scripts" / "fixCryptoApiImports.mjs"
        subprocess.run([node, "--no-warnings", str(fix)], cwd=folder, capture_output=True, check=False)
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    script = Path(__file__).resolve().parent / "peel_magic.mjs"
    flags = ["--no-warnings", "--openssl-legacy-provider", "--max-old-space-size=4096"]
    return [node, *flags, str(script), str(package)], f"{CYBERCHEF.partition('@')[2]} (node {version})"


def peelers(folder: Path) -> tuple[Path, str] | str:
    """Return (Python that has them, versions) after installing Unfurl, bbpb and mitmproxy."""
    place = folder / "peel-python"
    python = place / "bin" / "python"
    if not (place / "bin" / "mitmdump").exists():
        for command in (
            [sys.executable, "-m", "venv", str(place)],
            [str(python), "-m", "pip", "install", "--quiet", *PEELERS],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                return f"pip could not install {PEELERS}: {done.stderr.strip().splitlines()[-1:]}"
    names = [name.partition("==")[0] for name in PEELERS]
    asked = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run([str(python), "-c", asked, *names], capture_output=True, text=True)
    told = zip(names, done.stdout.split(), strict=True)
    return python, ", ".join(f"{name} {version}" for name, version in told)
