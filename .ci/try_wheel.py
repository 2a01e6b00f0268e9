"""Use the installed package as a newcomer would: start a server, mock a call, see it recorded."""

import sys
from urllib.request import urlopen

from pymockapi import MockServer


def main(config: str) -> None:
    with MockServer(config) as server, server.namespace("wheel") as namespace:
        hello = namespace.get("/hello").respond(json={"hello": "world"})
        with urlopen(f"{namespace.url}/hello") as answer:
            assert answer.read() == b'{"hello":"world"}'
        hello.assert_called_once()
    print("the wheel serves, mocks and records")


if __name__ == "__main__":
    main(sys.argv[1])
