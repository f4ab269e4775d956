import os
from io import BytesIO

from azure.storage.blob import BlobServiceClient
from PIL import Image


def main(blobname: str) -> dict:  # type: ignore[type-arg]  # the worker takes plain classes only
    container, _, name = blobname.partition("/")
    service = BlobServiceClient.from_connection_string(os.environ["ImageStorage"])
    content = service.get_blob_client(container, name).download_blob().readall()
    image = Image.open(BytesIO(content))
    return {
        "file_name": name,
        "file_size_kb": len(content) / 1024,
        "width": image.width,
        "height": image.height,
        "format": image.format,
    }
