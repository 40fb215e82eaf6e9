"""Slack by an incoming webhook, whose address is the secret: who has it can write to the channel.

No message, no log record and no error holds it. Requests go straight to the transport, for the client above it logs
every address, follows what the environment says, and is not needed for one POST.
"""

from __future__ import annotations

__all__ = ["SlackChat"]

import asyncio
import re
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import PermanentPortError, SettingsError, TransientPortError
from runbooks.notices import ChatMessage

_SECONDS = 20.0
_MAX_BYTES = 4096
_TRANSIENT = frozenset({408, 425, 429})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Slack says why with one such word: `no_service`, `channel_is_archived`.
_WORD = re.compile(r"[a-z]+(_[a-z]+)*")


class SlackChat:
    """A Chat over the webhook at `address`; `seconds` bounds one whole request. Raises SettingsError for no address."""

    def __init__(self, address: str, *, seconds: float = _SECONDS) -> None:
        import httpx

        self._httpx = httpx
        self._seconds = seconds
        try:
            self._url = httpx.URL(address)
        except httpx.InvalidURL:
            raise SettingsError("slack: the reference leads to no address of a webhook") from None
        plain = self._url.scheme == "http" and self._url.host in _LOOPBACK
        if not self._url.host or not (self._url.scheme == "https" or plain):
            raise SettingsError("slack: the reference must lead to the https:// address of an incoming webhook")
        self._transport = httpx.AsyncHTTPTransport(trust_env=False)

    async def post(self, message: ChatMessage) -> None:
        """See the port."""
        # Names and links in the text stay text: nobody is called, no address is fetched, no character is a format.
        body = {
            "text": message.text,
            "mrkdwn": False,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            async with asyncio.timeout(self._seconds):
                status, word = await self._request(dumps(body))
        except (TimeoutError, self._httpx.TimeoutException):
            raise TransientPortError(f"slack: no answer within {self._seconds:g} s", code="chat.timeout") from None
        except (self._httpx.HTTPError, OSError) as error:
            # The error's own text may quote what was asked for.
            raise TransientPortError(
                f"slack: cannot be reached: {type(error).__name__}", code="chat.unreachable"
            ) from None
        if 200 <= status < 300:
            return
        text = f"slack: answered HTTP {status}{word}"
        if status in _TRANSIENT or status >= 500:
            raise TransientPortError(text, code="chat.deferred")
        raise PermanentPortError(f"{text}; check the webhook", code="chat.refused")

    async def close(self) -> None:
        """See the port."""
        await self._transport.aclose()

    async def _request(self, content: bytes) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        request = self._httpx.Request("POST", self._url, content=content, headers=headers)
        request.extensions["timeout"] = self._httpx.Timeout(self._seconds).as_dict()
        response = await self._transport.handle_async_request(request)
        try:
            return response.status_code, self._word(await _read(response))
        finally:
            await response.aclose()

    def _word(self, data: bytes) -> str:
        text = data.decode("ascii", "replace").strip()
        known = len(text) <= 40 and _WORD.fullmatch(text) and text not in str(self._url)
        return f": {text}" if known else ""


async def _read(response: Any) -> bytes:
    data = b""
    async for piece in response.stream:
        data += piece
        if len(data) > _MAX_BYTES:
            break
    return data[:_MAX_BYTES]
