"""How things are measured: contests in rounds, CPU time, processes apart, a network in between."""
