"""``python -m cashier.sandbox``: the sandbox without the rest of the application."""

import argparse
import sys

from cashier.sandbox.command import add_arguments, run

parser = argparse.ArgumentParser(
    prog="python -m cashier.sandbox", description="A stand-in for Stripe on this machine."
)
add_arguments(parser)
sys.exit(run(parser.parse_args()))
