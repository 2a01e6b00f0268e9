"""The async client, and the source of the sync one.

``connection``, ``process``, ``state`` and ``opening`` have to do with asyncio. Of every other
module here the one of the same name in ``client`` is made, by leaving out what is async
(``tests/client_twins.py``): change it here, then run ``make client``.
"""
