from hook import run

run("predeploy")
