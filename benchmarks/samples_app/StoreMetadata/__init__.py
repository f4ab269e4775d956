import os

import pyodbc


def main(metadata: dict) -> str:  # type: ignore[type-arg]  # the worker takes plain classes only
    connection = pyodbc.connect(os.environ["SqlConnectionString"])
    connection.execute(
        "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format) VALUES (?, ?, ?, ?, ?)",
        metadata["file_name"],
        metadata["file_size_kb"],
        metadata["width"],
        metadata["height"],
        metadata["format"],
    )
    connection.commit()
    connection.close()
    return f"Stored {metadata['file_name']}"
