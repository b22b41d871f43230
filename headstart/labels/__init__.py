"""From a labeling tool's export to labeled rows.

``sources`` finds the files and ``plan`` says what each is; ``formats`` and ``tables`` read them into records, which may
name ``images``; ``reconciling`` accounts for every one.
"""
