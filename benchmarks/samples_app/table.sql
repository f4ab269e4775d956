CREATE TABLE ImageMetadata (
    id INTEGER PRIMARY KEY,
    file_name NVARCHAR(255) NOT NULL,
    file_size_kb FLOAT NOT NULL,
    width INT NOT NULL,
    height INT NOT NULL,
    format NVARCHAR(20) NOT NULL
);
