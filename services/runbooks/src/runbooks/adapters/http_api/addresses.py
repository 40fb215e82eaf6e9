"""What may be connected to: addresses of the public Internet, and of a private network where the operator says so.

The lists are IANA's special-purpose registries, written out: what Python's `is_global` says depends on its version.
Every other address is refused, for everybody: link-local (where clouds keep credentials), multicast, unspecified,
reserved, documentation, and every IPv6 address that carries an IPv4 address or a tunnel.
"""

from __future__ import annotations

__all__ = ["Address", "is_allowed", "literal_of"]

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_PRIVATE_4 = [
    IPv4Network(text) for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
_REFUSED_4 = [
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
_PRIVATE_6 = [IPv6Network("::1/128"), IPv6Network("fc00::/7")]
# 2000::/3 alone is given out; mapped, compatible and translated IPv4 (NAT64 too) lie outside it.
_PUBLIC_6 = IPv6Network("2000::/3")
# Teredo, ORCHID and benchmarks; documentation; 6to4; documentation.
_REFUSED_6 = [IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


def is_allowed(address: Address, *, private: bool) -> bool:
    """True for a public address, and with `private` for one of this machine or of a private network."""
    if isinstance(address, IPv4Address):
        if any(address in network for network in _PRIVATE_4):
            return private
        return not any(address in network for network in _REFUSED_4)
    if address.scope_id is not None:
        return False
    if any(address in network for network in _PRIVATE_6):
        return private
    return address in _PUBLIC_6 and not any(address in network for network in _REFUSED_6)


def literal_of(host: str) -> Address | None:
    """The address that a host of a URL is, None for a name; raises ValueError for a number in any other spelling.

    `2130706433`, `0x7f.1`, `127.1` and `0177.0.0.1` are addresses to some programs and names to others.
    """
    if host.startswith("["):
        return IPv6Address(host[1:-1])
    last = host.rpartition(".")[2].lower()
    if last.isdigit() or (last.startswith("0x") and all(letter in "0123456789abcdef" for letter in last[2:])):
        return IPv4Address(host)
    return None
