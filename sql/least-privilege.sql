-- The database user of the app: SELECT and INSERT on its tables, SELECT on the schema's version, and nothing else.
--
-- Run it in the database of the app (not in master), after sqlserver.sql and before a new release of the app, as an
-- administrator. Set one of the two names below. It needs no password: a managed identity has none, and a login was
-- created before, in master (CREATE LOGIN ... WITH PASSWORD = ...). Running it again changes nothing.
--
--   @identity: the managed identity, by its display name: the name of the function app, or of the
--              user-assigned identity. The administrator must be a Microsoft Entra one, and the
--              connection string says Authentication=ActiveDirectoryMsi (and UID=<client id> for a
--              user-assigned identity).
--   @clientId: with @identity, its client id (application id). The user is then created by its security id, which
--              asks nothing of the directory, so that an administrator without rights there can run this; and a
--              user left over from an identity of the same name that was deleted is replaced.
--   @login:    a SQL Server login. The connection string names it as UID, with its PWD.

SET NOCOUNT ON;
SET XACT_ABORT ON;

DECLARE @identity NVARCHAR(128) = NULL; -- N'my-function-app'
DECLARE @clientId UNIQUEIDENTIFIER = NULL; -- N'00000000-0000-0000-0000-000000000000'
DECLARE @login NVARCHAR(128) = NULL; -- N'image_metadata_app'

DECLARE @user NVARCHAR(128) = COALESCE(@identity, @login);
IF @user IS NULL OR (@identity IS NOT NULL AND @login IS NOT NULL) OR (@clientId IS NOT NULL AND @identity IS NULL)
    THROW 50000, N'Set exactly one of @identity and @login at the top of this script; @clientId only with @identity.', 1;

-- A name cannot be a parameter of these statements; QUOTENAME keeps whatever it holds a name.
DECLARE @name NVARCHAR(258) = QUOTENAME(@user);
DECLARE @statement NVARCHAR(1000);

-- A security id of Azure SQL is the client id's 16 bytes, as UNIQUEIDENTIFIER stores them.
DECLARE @sid VARBINARY(16) = CONVERT(VARBINARY(16), @clientId);
IF EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @user AND sid <> @sid)
BEGIN
    SET @statement = N'DROP USER ' + @name;
    EXEC (@statement);
END;

IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @user)
BEGIN
    SET @statement = N'CREATE USER ' + @name
        + CASE
            WHEN @sid IS NOT NULL
                THEN N' WITH SID = ' + CONVERT(NVARCHAR(34), @sid, 1) + N', TYPE = E'
            WHEN @identity IS NOT NULL THEN N' FROM EXTERNAL PROVIDER WITH DEFAULT_SCHEMA = dbo'
            ELSE N' FOR LOGIN ' + @name + N' WITH DEFAULT_SCHEMA = dbo'
        END;
    EXEC (@statement);
END;

SET @statement = N'GRANT SELECT, INSERT ON dbo.ImageMetadata TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT, INSERT ON dbo.ImageRejections TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT, INSERT ON dbo.ProcessedUploads TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT, INSERT ON dbo.Reconciliations TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT, INSERT ON dbo.BlobObservations TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT ON dbo.SchemaVersions TO ' + @name;
EXEC (@statement);
