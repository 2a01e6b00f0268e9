"""Floor 4: the Python client. Standard library only; it knows the rows of the control API.

Sockets live in ``transport``, the rows in ``control``; all else is values and handles.
"""
