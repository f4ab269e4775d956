raise ValueError("the setting\nServer=db.example is wrong")
