"""Test clocks: the time of a sandbox, which moves forwards as fast as its owner likes."""
