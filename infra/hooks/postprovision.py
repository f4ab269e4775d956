from hook import run

run("postprovision")
