"""How a run of random inputs begins: its length and its seed, which repeats it."""

import random


def start(parser, seconds=10):
    """(arguments, random.Random). Prints the seed. The parser gets --seconds and --seed."""
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    return arguments, random.Random(seed)
