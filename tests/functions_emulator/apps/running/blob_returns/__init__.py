def main(blob):
    return blob.name
