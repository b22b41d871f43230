"""How good a model is, how sure that is, and whether it should take over: pure functions of numbers."""
