-- Migration 1: the schema of the first release, as that release made it. It probes for what is missing, because
-- the databases that it meets have no version row yet: empty ones, ones with a table of only the five columns
-- file_name, file_size_kb, width, height and format, and ones that an earlier form of this script made.
-- Frozen: imagectl/schema copies it into sql/sqlserver.sql, which runs it where SchemaVersions is empty.
--
-- A batch is compiled before it runs, so whatever uses a column that this batch adds stands in EXEC. Names are
-- never indexed or compared: they can be longer than an index key may be, and the collation may take «a.jpg» and
-- «A.JPG» for one name.

-- ImageMetadata: one row per upload (one state of one blob) that was read and is an image.

-- file_name: within the container (2026/a b.jpg); 1,024 characters can take 2,048 UTF-16 units
-- file_size_kb: bytes / 1024, unrounded
-- width, height: stored pixel size; format: JPEG, PNG, HEIF, ...
IF OBJECT_ID(N'ImageMetadata') IS NULL
    CREATE TABLE ImageMetadata (
        file_name NVARCHAR(2048) NOT NULL,
        file_size_kb FLOAT NOT NULL,
        width INT NOT NULL,
        height INT NOT NULL,
        format NVARCHAR(32) NOT NULL
    );

-- A table that was here before may be too narrow for what is stored now: columns only ever get wider.
-- A key over nothing but the five columns goes, since it would refuse the next state of an image.
-- What else holds a column (an index, a default, a CHECK) stays and is named by the error.
-- Babelfish keeps collation and nullability of a column by itself and takes neither in ALTER COLUMN.
DECLARE @step NVARCHAR(500), @attributes NVARCHAR(200);
DECLARE steps CURSOR LOCAL STATIC FOR
    SELECT step, attributes
    FROM (
        SELECT
            1 AS turn,
            CASE
                WHEN held.is_primary_key = 1 OR held.is_unique_constraint = 1
                    THEN N'ALTER TABLE ImageMetadata DROP CONSTRAINT ' + QUOTENAME(held.name)
                ELSE N'DROP INDEX ' + QUOTENAME(held.name) + N' ON ImageMetadata'
            END AS step,
            N'' AS attributes
        FROM sys.indexes AS held
        INNER JOIN sys.index_columns AS part ON part.object_id = held.object_id AND part.index_id = held.index_id
        INNER JOIN sys.columns AS named ON named.object_id = part.object_id AND named.column_id = part.column_id
        WHERE held.object_id = OBJECT_ID(N'ImageMetadata') AND held.is_unique = 1 AND part.is_included_column = 0
        GROUP BY held.name, held.is_primary_key, held.is_unique_constraint
        HAVING MIN(CASE WHEN LOWER(named.name) IN ('file_name', 'file_size_kb', 'width', 'height', 'format') THEN 1 ELSE 0 END) = 1
        UNION ALL
        SELECT
            2,
            N'ALTER TABLE ImageMetadata ALTER COLUMN ' + name + N' ' + wanted,
            CASE
                WHEN SERVERPROPERTY('Babelfish') IS NOT NULL THEN N''
                ELSE COALESCE(N' COLLATE ' + collated, N'') + CASE nullable WHEN 'YES' THEN N' NULL' ELSE N' NOT NULL' END
            END
        FROM (
            SELECT
                COLUMN_NAME AS name,
                COLLATION_NAME AS collated,
                IS_NULLABLE AS nullable,
                CASE
                    WHEN LOWER(COLUMN_NAME) = 'file_name' AND DATA_TYPE IN ('text', 'ntext') THEN N'NVARCHAR(MAX)'
                    WHEN LOWER(COLUMN_NAME) = 'file_name' AND DATA_TYPE IN ('char', 'varchar', 'nchar')
                        THEN CASE WHEN CHARACTER_MAXIMUM_LENGTH BETWEEN 1 AND 2048 THEN N'NVARCHAR(2048)' ELSE N'NVARCHAR(MAX)' END
                    WHEN LOWER(COLUMN_NAME) = 'file_name' AND CHARACTER_MAXIMUM_LENGTH BETWEEN 1 AND 2047 THEN N'NVARCHAR(2048)'
                    WHEN LOWER(COLUMN_NAME) = 'file_size_kb'
                        AND DATA_TYPE IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'real', 'money', 'smallmoney')
                        THEN N'FLOAT'
                    WHEN LOWER(COLUMN_NAME) IN ('width', 'height') AND DATA_TYPE IN ('tinyint', 'smallint') THEN N'INT'
                    WHEN LOWER(COLUMN_NAME) = 'format' AND CHARACTER_MAXIMUM_LENGTH BETWEEN 1 AND 31 THEN N'NVARCHAR(32)'
                END AS wanted
            FROM INFORMATION_SCHEMA.COLUMNS
            WHERE TABLE_SCHEMA = OBJECT_SCHEMA_NAME(OBJECT_ID(N'ImageMetadata')) AND LOWER(TABLE_NAME) = LOWER(N'ImageMetadata')
        ) AS existing
        WHERE wanted IS NOT NULL
    ) AS planned
    ORDER BY turn;
OPEN steps;
FETCH NEXT FROM steps INTO @step, @attributes;
WHILE @@FETCH_STATUS = 0
BEGIN
    EXEC (@step + @attributes);
    FETCH NEXT FROM steps INTO @step, @attributes;
END;
CLOSE steps;
DEALLOCATE steps;

-- upload_id: the key; sha256 of account, container, name and ETag, made by the app
-- blob_id: sha256 of account, container and name, to find the rows of one blob
-- uploaded_at: Last-Modified of the state that was read, UTC; stored_at: clock of this database, UTC
-- content_type: as the uploader declared it; content_type_matches: whether the content agrees
-- orientation: EXIF, 1 to 8; display_width, display_height: what a viewer shows
-- color_mode: mode name of Pillow; bit_depth: bits per channel; frame_count: frames or pages
-- taken_at: local time of the camera; taken_at_offset: +02:00 where the file says it
-- latitude, longitude: decimal degrees, WGS 84; only when the setting STORE_LOCATION is on
--
-- A row from before the upgrade, or from a program that knows only the five columns, does not say which
-- upload or which blob it was. Each gets keys of its own: CurrentImages hides no row that it cannot place.
-- The default of stored_at comes after the column: some engines would give it to the older rows as well.
IF COL_LENGTH(N'ImageMetadata', N'upload_id') IS NULL ALTER TABLE ImageMetadata ADD upload_id NVARCHAR(64) NOT NULL CONSTRAINT DF_ImageMetadata_upload_id DEFAULT (N'legacy-' + CONVERT(NVARCHAR(36), NEWID()));
IF COL_LENGTH(N'ImageMetadata', N'blob_id') IS NULL ALTER TABLE ImageMetadata ADD blob_id NVARCHAR(64) NOT NULL CONSTRAINT DF_ImageMetadata_blob_id DEFAULT (N'legacy-' + CONVERT(NVARCHAR(36), NEWID()));
IF COL_LENGTH(N'ImageMetadata', N'account') IS NULL ALTER TABLE ImageMetadata ADD account NVARCHAR(64) NULL;
IF COL_LENGTH(N'ImageMetadata', N'container') IS NULL ALTER TABLE ImageMetadata ADD container NVARCHAR(64) NULL;
IF COL_LENGTH(N'ImageMetadata', N'etag') IS NULL ALTER TABLE ImageMetadata ADD etag NVARCHAR(128) NULL;
IF COL_LENGTH(N'ImageMetadata', N'content_md5') IS NULL ALTER TABLE ImageMetadata ADD content_md5 NVARCHAR(32) NULL;
IF COL_LENGTH(N'ImageMetadata', N'uploaded_at') IS NULL ALTER TABLE ImageMetadata ADD uploaded_at DATETIME2(3) NULL;
IF COL_LENGTH(N'ImageMetadata', N'stored_at') IS NULL
BEGIN
    ALTER TABLE ImageMetadata ADD stored_at DATETIME2(3) NULL;
    EXEC (N'ALTER TABLE ImageMetadata ADD CONSTRAINT DF_ImageMetadata_stored_at DEFAULT SYSUTCDATETIME() FOR stored_at');
END;
IF COL_LENGTH(N'ImageMetadata', N'content_type') IS NULL ALTER TABLE ImageMetadata ADD content_type NVARCHAR(255) NULL;
IF COL_LENGTH(N'ImageMetadata', N'content_type_matches') IS NULL ALTER TABLE ImageMetadata ADD content_type_matches BIT NULL;
IF COL_LENGTH(N'ImageMetadata', N'orientation') IS NULL ALTER TABLE ImageMetadata ADD orientation INT NULL;
IF COL_LENGTH(N'ImageMetadata', N'display_width') IS NULL ALTER TABLE ImageMetadata ADD display_width INT NULL;
IF COL_LENGTH(N'ImageMetadata', N'display_height') IS NULL ALTER TABLE ImageMetadata ADD display_height INT NULL;
IF COL_LENGTH(N'ImageMetadata', N'color_mode') IS NULL ALTER TABLE ImageMetadata ADD color_mode NVARCHAR(16) NULL;
IF COL_LENGTH(N'ImageMetadata', N'bit_depth') IS NULL ALTER TABLE ImageMetadata ADD bit_depth INT NULL;
IF COL_LENGTH(N'ImageMetadata', N'has_alpha') IS NULL ALTER TABLE ImageMetadata ADD has_alpha BIT NULL;
IF COL_LENGTH(N'ImageMetadata', N'frame_count') IS NULL ALTER TABLE ImageMetadata ADD frame_count INT NULL;
IF COL_LENGTH(N'ImageMetadata', N'taken_at') IS NULL ALTER TABLE ImageMetadata ADD taken_at DATETIME2(3) NULL;
IF COL_LENGTH(N'ImageMetadata', N'taken_at_offset') IS NULL ALTER TABLE ImageMetadata ADD taken_at_offset NVARCHAR(6) NULL;
IF COL_LENGTH(N'ImageMetadata', N'camera_make') IS NULL ALTER TABLE ImageMetadata ADD camera_make NVARCHAR(160) NULL;
IF COL_LENGTH(N'ImageMetadata', N'camera_model') IS NULL ALTER TABLE ImageMetadata ADD camera_model NVARCHAR(160) NULL;
IF COL_LENGTH(N'ImageMetadata', N'lens_model') IS NULL ALTER TABLE ImageMetadata ADD lens_model NVARCHAR(160) NULL;
IF COL_LENGTH(N'ImageMetadata', N'latitude') IS NULL ALTER TABLE ImageMetadata ADD latitude FLOAT NULL;
IF COL_LENGTH(N'ImageMetadata', N'longitude') IS NULL ALTER TABLE ImageMetadata ADD longitude FLOAT NULL;

-- The keys are NVARCHAR because pyodbc sends NVARCHAR: with VARCHAR each look-up would scan.
-- An index is recognized by how its name begins: some engines append to it.
IF NOT EXISTS (
    SELECT 1 FROM sys.indexes
    WHERE object_id = OBJECT_ID(N'ImageMetadata') AND LOWER(name) LIKE LOWER(N'UX_ImageMetadata_upload_id%')
)
    EXEC (N'CREATE UNIQUE INDEX UX_ImageMetadata_upload_id ON ImageMetadata (upload_id)');
IF NOT EXISTS (
    SELECT 1 FROM sys.indexes
    WHERE object_id = OBJECT_ID(N'ImageMetadata') AND LOWER(name) LIKE LOWER(N'IX_ImageMetadata_blob_id%')
)
    EXEC (N'CREATE INDEX IX_ImageMetadata_blob_id ON ImageMetadata (blob_id)');

-- ImageRejections: one row per upload that was read and will never have metadata.

-- reason: empty, unsupported_format, corrupt, invalid_dimensions or header_too_large; detail: a sentence
IF OBJECT_ID(N'ImageRejections') IS NULL
    CREATE TABLE ImageRejections (
        file_name NVARCHAR(2048) NOT NULL,
        file_size_kb FLOAT NOT NULL,
        reason NVARCHAR(32) NOT NULL,
        detail NVARCHAR(1000) NOT NULL,
        upload_id NVARCHAR(64) NOT NULL
    );
IF COL_LENGTH(N'ImageRejections', N'account') IS NULL ALTER TABLE ImageRejections ADD account NVARCHAR(64) NULL;
IF COL_LENGTH(N'ImageRejections', N'container') IS NULL ALTER TABLE ImageRejections ADD container NVARCHAR(64) NULL;
IF COL_LENGTH(N'ImageRejections', N'etag') IS NULL ALTER TABLE ImageRejections ADD etag NVARCHAR(128) NULL;
IF COL_LENGTH(N'ImageRejections', N'content_md5') IS NULL ALTER TABLE ImageRejections ADD content_md5 NVARCHAR(32) NULL;
IF COL_LENGTH(N'ImageRejections', N'uploaded_at') IS NULL ALTER TABLE ImageRejections ADD uploaded_at DATETIME2(3) NULL;
IF COL_LENGTH(N'ImageRejections', N'stored_at') IS NULL
BEGIN
    ALTER TABLE ImageRejections ADD stored_at DATETIME2(3) NULL;
    EXEC (N'ALTER TABLE ImageRejections ADD CONSTRAINT DF_ImageRejections_stored_at DEFAULT SYSUTCDATETIME() FOR stored_at');
END;
IF COL_LENGTH(N'ImageRejections', N'content_type') IS NULL ALTER TABLE ImageRejections ADD content_type NVARCHAR(255) NULL;
IF NOT EXISTS (
    SELECT 1 FROM sys.indexes
    WHERE object_id = OBJECT_ID(N'ImageRejections') AND LOWER(name) LIKE LOWER(N'UX_ImageRejections_upload_id%')
)
    EXEC (N'CREATE UNIQUE INDEX UX_ImageRejections_upload_id ON ImageRejections (upload_id)');

-- CurrentImages: the newest row per blob. It is made again only when columns have been added, so that
-- permissions granted on it stay.
IF (
    SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS
    WHERE TABLE_SCHEMA = OBJECT_SCHEMA_NAME(OBJECT_ID(N'CurrentImages')) AND LOWER(TABLE_NAME) = LOWER(N'CurrentImages')
) <> 29
BEGIN
    IF OBJECT_ID(N'CurrentImages') IS NOT NULL EXEC (N'DROP VIEW CurrentImages');
    EXEC (N'
CREATE VIEW CurrentImages AS
SELECT
    file_name, file_size_kb, width, height, format, upload_id, blob_id, account, container, etag,
    content_md5, uploaded_at, stored_at, content_type, content_type_matches, orientation, display_width,
    display_height, color_mode, bit_depth, has_alpha, frame_count, taken_at, taken_at_offset,
    camera_make, camera_model, lens_model, latitude, longitude
FROM (
    SELECT
        ImageMetadata.*,
        ROW_NUMBER() OVER (PARTITION BY blob_id ORDER BY uploaded_at DESC, stored_at DESC, upload_id DESC) AS rank_in_blob
    FROM ImageMetadata
) AS history
WHERE rank_in_blob = 1');
END;
