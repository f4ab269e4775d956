from hook import run

run("postdeploy")
