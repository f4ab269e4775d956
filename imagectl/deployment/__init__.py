"""What `azd up` runs beside the templates (infra/hooks), and how `imagectl --azd` finds a deployment."""
