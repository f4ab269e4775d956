from tests.support.database_fixtures import connections, database, empty_database, sqlite

__all__ = ["connections", "database", "empty_database", "sqlite"]
