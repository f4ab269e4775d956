"""Deployment with azd: what the hooks in infra/hooks run, and how `imagectl --azd` reaches the result."""
