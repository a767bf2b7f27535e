"""Calls ask_human with the official client for Python. Arguments: stdio or http, the mode, and the command or the URL."""

import json
import os
import sys

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


async def main() -> None:
    transport, mode, *target = sys.argv[1:]
    if transport == "stdio":
        settings = {name: os.environ[name] for name in ("BOT_URL", "CREW_NAME", "ASK_SECRET")}
        server = stdio_client(StdioServerParameters(command=target[0], args=target[1:], env=settings))
    else:
        secret = {"Authorization": f"Bearer {os.environ['ASK_SECRET']}"}
        server = streamable_http_client(target[0], http_client=httpx2.AsyncClient(headers=secret, timeout=60))
    messages = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        messages.append(message)

    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        question = {"title": "Ship build 42?", "text": "All 312 tests passed."}
        result = await client.call_tool("ask_human", question, progress_callback=tell)
        print(
            json.dumps(
                {
                    "version": client.protocol_version,
                    "tools": [tool.name for tool in tools],
                    "is_error": result.is_error,
                    "answer": result.structured_content,
                    "told": len(messages) > 0,
                }
            )
        )


anyio.run(main)
