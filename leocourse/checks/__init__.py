def assignment(*a): pass
