"""The usual way, as tutorials write it: a client per call, the whole blob into memory, Pillow on top."""

from io import BytesIO

from azure.storage.blob import BlobServiceClient
from PIL import Image


def usual_way(connection_string: str, container: str, name: str) -> tuple[int, int, str | None]:
    """Width, height and format of a blob."""
    with BlobServiceClient.from_connection_string(connection_string) as service:
        content = service.get_blob_client(container, name).download_blob().readall()
    with Image.open(BytesIO(content)) as image:
        return image.width, image.height, image.format
