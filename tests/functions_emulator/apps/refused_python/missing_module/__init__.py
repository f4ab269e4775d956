import no_such_module_anywhere


def main(payload):
    return no_such_module_anywhere.call(payload)
