"""Stage the app. In a folder of its own: azd packages while it provisions, and would make one environment twice."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from imagectl.deployment.staging import STAGED, stage

print(f"Staged in {STAGED.name}: {', '.join(stage())}")
