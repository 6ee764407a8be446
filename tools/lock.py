"""Choose the versions of all dependencies anew, with a hash for every file and no index address."""

import subprocess
import sys

COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
    *("--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate"),
    *("pyproject.toml", "--group=build"),
)


def main() -> None:
    """Write both locks; the development lock pins what the runtime lock pins."""
    subprocess.run([*COMPILE, "--output-file=requirements.lock"], check=True)
    subprocess.run(
        [*COMPILE, "--group=dev", "--constraint=requirements.lock", "--output-file=requirements-dev.lock"], check=True
    )


if __name__ == "__main__":
    main()
