-- Migration 1 on SQLite: the schema of the first release, as that release made it. Frozen; imagectl/schema runs it
-- where SchemaVersions is empty, and moves the rows of an older table over.

CREATE TABLE IF NOT EXISTS ImageMetadata (
    file_name NVARCHAR(2048) NOT NULL,
    file_size_kb FLOAT NOT NULL,
    width INT NOT NULL,
    height INT NOT NULL,
    format NVARCHAR(32) NOT NULL,
    upload_id NVARCHAR(64) NOT NULL,
    blob_id NVARCHAR(64) NOT NULL,
    account NVARCHAR(64) NULL,
    container NVARCHAR(64) NULL,
    etag NVARCHAR(128) NULL,
    content_md5 NVARCHAR(32) NULL,
    uploaded_at DATETIME2(3) NULL,
    stored_at DATETIME2(3) NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    content_type NVARCHAR(255) NULL,
    content_type_matches BIT NULL,
    orientation INT NULL,
    display_width INT NULL,
    display_height INT NULL,
    color_mode NVARCHAR(16) NULL,
    bit_depth INT NULL,
    has_alpha BIT NULL,
    frame_count INT NULL,
    taken_at DATETIME2(3) NULL,
    taken_at_offset NVARCHAR(6) NULL,
    camera_make NVARCHAR(160) NULL,
    camera_model NVARCHAR(160) NULL,
    lens_model NVARCHAR(160) NULL,
    latitude FLOAT NULL,
    longitude FLOAT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS UX_ImageMetadata_upload_id ON ImageMetadata (upload_id);

CREATE INDEX IF NOT EXISTS IX_ImageMetadata_blob_id ON ImageMetadata (blob_id);

CREATE TABLE IF NOT EXISTS ImageRejections (
    file_name NVARCHAR(2048) NOT NULL,
    file_size_kb FLOAT NOT NULL,
    reason NVARCHAR(32) NOT NULL,
    detail NVARCHAR(1000) NOT NULL,
    upload_id NVARCHAR(64) NOT NULL,
    account NVARCHAR(64) NULL,
    container NVARCHAR(64) NULL,
    etag NVARCHAR(128) NULL,
    content_md5 NVARCHAR(32) NULL,
    uploaded_at DATETIME2(3) NULL,
    stored_at DATETIME2(3) NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now')),
    content_type NVARCHAR(255) NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS UX_ImageRejections_upload_id ON ImageRejections (upload_id);

CREATE VIEW IF NOT EXISTS CurrentImages AS
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
WHERE rank_in_blob = 1;
