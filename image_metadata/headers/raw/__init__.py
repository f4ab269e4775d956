"""Camera raw files: the size of the full picture, orientation, camera, lens and date, without the sensor's data."""
