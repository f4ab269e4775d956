"""What is deployed: one allow-list for azd and for Core Tools."""

import shutil
import subprocess
from pathlib import Path

from imagectl.deployment.staging import LEFT_OUT, REPOSITORY, stage

GIT = str(shutil.which("git"))
DEPLOYED = {
    *("BlobTriggerClient", "QueueTriggerClient", "OrchestratorFunction", "ExtractMetadata", "StoreMetadata"),
    *("ReconcileTimer", "image_metadata", "host.json", "requirements.txt"),
}


def files(folder: Path) -> set[str]:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if "__pycache__" not in path and not path.startswith(".git/")}


def published_by_core_tools(folder: Path) -> set[str]:
    """What .funcignore leaves of the project's files, read with the rules of .gitignore, as Core Tools does."""
    ours = [GIT, "ls-files", "--cached", "--others", "--exclude-standard"]
    tracked = subprocess.run(ours, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for path in tracked.splitlines():
        if (REPOSITORY / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
    shutil.copy(REPOSITORY / ".funcignore", folder / ".gitignore")
    subprocess.run([GIT, "init", "-q"], cwd=folder, check=True)
    listing = [GIT, "ls-files", "--others", "--exclude-standard"]
    return set(subprocess.run(listing, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines())


def test_only_what_runs_in_azure_is_deployed(tmp_path: Path):
    top_level = {path.partition("/")[0] for path in published_by_core_tools(tmp_path)}
    assert top_level == DEPLOYED


def test_the_staged_app_is_what_core_tools_would_publish_without_the_polling_trigger(tmp_path: Path):
    stage(tmp_path / "staged")
    (tmp_path / "published").mkdir()
    published = published_by_core_tools(tmp_path / "published")
    assert files(tmp_path / "staged") == {path for path in published if not path.startswith(f"{LEFT_OUT}/")}


def test_staging_again_removes_files_that_the_app_no_longer_has(tmp_path: Path):
    stage(tmp_path)
    (tmp_path / "ExtractMetadata" / "removed_since.py").touch()
    stage(tmp_path)
    assert not (tmp_path / "ExtractMetadata" / "removed_since.py").exists()


def test_staging_does_not_change_the_working_tree(tmp_path: Path):
    status = [GIT, "status", "--porcelain"]
    before = subprocess.run(status, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    stage(tmp_path)
    assert subprocess.run(status, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout == before
