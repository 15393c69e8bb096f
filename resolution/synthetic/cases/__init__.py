"""Stories planted for the supervision models, and the clues and traps that follow from all that is true."""
