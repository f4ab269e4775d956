"""How the database's schema is made and upgraded: migrations, the scripts in ``sql/``, ``docs/tables.md``."""
