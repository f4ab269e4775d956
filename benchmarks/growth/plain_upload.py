"""The plain way to upload a folder: the SDK alone, a thread per request, as a program that is run like imagectl.

ImageStorage=… python -m benchmarks.growth.plain_upload FOLDER THREADS
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from azure.storage.blob import BlobServiceClient

from image_metadata import settings
from image_metadata.intake import CONTAINER


def main(folder: Path, threads: int) -> None:
    service = BlobServiceClient.from_connection_string(str(settings.image_storage().connection_string))
    with service, service.get_container_client(CONTAINER) as container, ThreadPoolExecutor(threads) as pool:

        def send(file: Path) -> None:
            with file.open("rb") as content:
                container.upload_blob(file.name, content, overwrite=True)

        list(pool.map(send, sorted(folder.iterdir())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
