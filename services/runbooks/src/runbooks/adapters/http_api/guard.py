"""Connections to looked-at addresses only: a name is resolved once, every address of the answer is looked at, and
the connection goes to one of just these. TLS then holds the certificate against the name, not the address."""

from __future__ import annotations

__all__ = ["EgressError", "GuardedBackend", "Resolve", "resolve"]

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address

import httpcore

from runbooks.adapters.http_api.addresses import Address, is_allowed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class EgressError(Exception):
    """A name led to an address that nobody may connect to; nothing was connected to."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses of a host by the machine's own resolver; raises OSError, UnicodeError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """The network as the connection pool sees it; `private` as in `is_allowed`, `network` is where connections go."""

    def __init__(self, *, private: bool, resolve: Resolve, network: httpcore.AsyncNetworkBackend) -> None:
        self._private = private
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes one; raises EgressError, httpcore.ConnectError."""
        addresses = await self._addresses(host, port)
        # One that swallows packets leaves time for the others.
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
        return await self._network.connect_tcp(str(addresses[-1]), port, share, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refused: no API is reached that way."""
        del timeout, socket_options
        raise EgressError(f"{path} is no address of a network")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            texts: Sequence[str] = [str(ip_address(host))]
        except ValueError:
            try:
                texts = await self._resolve(host, port)
            except (OSError, UnicodeError) as error:
                raise httpcore.ConnectError(f"{host} has no address: {error}") from None
        addresses = list(dict.fromkeys(ip_address(text) for text in texts))
        if not addresses:
            raise httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            if not is_allowed(address, private=self._private):
                raise EgressError(f"{host} leads to {address}")
        return addresses
