"""Files and folders become blobs: which files, under which names, and how their bytes travel."""
