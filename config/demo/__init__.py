"""A believable agency on one machine: what `./run demo` shows and `./run demo --once` measures."""
