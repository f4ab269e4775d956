-- The database user of the app: INSERT and SELECT on the two tables, and nothing else.
--
-- Run it in the database of the app (not in master), after sqlserver.sql, as an administrator. Set one of the
-- two names below. No password stands here: a managed identity has none, and a login has been created
-- before, in master (CREATE LOGIN ... WITH PASSWORD = ...). Running it again changes nothing.
--
--   @identity: the managed identity, by its display name: the name of the function app, or of the
--              user-assigned identity. The administrator must be a Microsoft Entra one, and the
--              connection string says Authentication=ActiveDirectoryMsi (and UID=<client id> for a
--              user-assigned identity).
--   @login:    a SQL Server login. The connection string names it as UID, with its PWD.

SET NOCOUNT ON;
SET XACT_ABORT ON;

DECLARE @identity NVARCHAR(128) = NULL; -- N'my-function-app'
DECLARE @login NVARCHAR(128) = NULL; -- N'image_metadata_app'

DECLARE @user NVARCHAR(128) = COALESCE(@identity, @login);
IF @user IS NULL OR (@identity IS NOT NULL AND @login IS NOT NULL)
    THROW 50000, N'Set exactly one of @identity and @login at the top of this script.', 1;

-- A name cannot be a parameter of these statements; QUOTENAME keeps whatever it holds a name.
DECLARE @name NVARCHAR(258) = QUOTENAME(@user);
DECLARE @statement NVARCHAR(1000);

IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @user)
BEGIN
    SET @statement = N'CREATE USER ' + @name
        + CASE WHEN @identity IS NOT NULL THEN N' FROM EXTERNAL PROVIDER' ELSE N' FOR LOGIN ' + @name END
        + N' WITH DEFAULT_SCHEMA = dbo';
    EXEC (@statement);
END;

SET @statement = N'GRANT SELECT, INSERT ON dbo.ImageMetadata TO ' + @name;
EXEC (@statement);
SET @statement = N'GRANT SELECT, INSERT ON dbo.ImageRejections TO ' + @name;
EXEC (@statement);
