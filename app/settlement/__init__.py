"""Settlement: who owes whom, by terms, for periods that are closed once; statements of each party and their lines."""
