"""``startcollector``: the beginning of a collector that works, in all the places where a collector has something."""
