"""Who speaks: agent, customer, a second agent, a machine, or the other one through the wire."""
