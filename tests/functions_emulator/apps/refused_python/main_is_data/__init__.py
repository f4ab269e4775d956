main = 1
