"""Its presence is what matters."""
