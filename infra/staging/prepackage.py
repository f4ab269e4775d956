"""Stage the app. Not in infra/hooks: azd packages while it provisions, and both would create one environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from imagectl.deployment.staging import STAGED, stage

print(f"Staged in {STAGED.name}: {', '.join(stage())}")
