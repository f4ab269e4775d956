from hook import run

run("preprovision")
