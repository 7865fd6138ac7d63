"""The simplest agent there is: ask the model, do what it says, append, repeat.

The yardstick of `cargo xtask bench`. It has no sandbox, no log, no approvals and no undo, and forks a shell for each
command. Only Python's own library. It speaks the Anthropic Messages dialect, streamed, over one kept connection.

usage: plain_loop.py --folder DIR [--prompt TEXT]     with ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY in the environment
"""

import argparse
import http.client
import json
import os
import subprocess
import urllib.parse

TOOLS = [
    {
        "name": "Read",
        "description": "Reads a file.",
        "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]},
    },
    {
        "name": "Bash",
        "description": "Runs a command.",
        "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
]


class Model:
    """One kept connection to the server that the environment names."""

    def __init__(self):
        address = urllib.parse.urlsplit(os.environ["ANTHROPIC_BASE_URL"])
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.path = address.path.rstrip("/") + "/v1/messages"
        self.headers = {
            "content-type": "application/json",
            "anthropic-version": "2023-06-01",
            "x-api-key": os.environ.get("ANTHROPIC_API_KEY", "test"),
        }

    def ask(self, messages):
        body = {"model": "fake", "max_tokens": 8192, "stream": True, "tools": TOOLS, "messages": messages}
        self.connection.request("POST", self.path, json.dumps(body), self.headers)
        response = self.connection.getresponse()
        if response.status != 200:
            raise SystemExit(f"the model answered {response.status}: {response.read().decode(errors='replace')}")
        return read_reply(response)


def read_reply(lines):
    """Puts the blocks of a streamed reply together."""
    blocks = []
    for line in lines:
        if not line.startswith(b"data:"):
            continue
        event = json.loads(line[5:])
        kind = event["type"]
        if kind == "content_block_start":
            block = event["content_block"]
            blocks.append(block)
            pieces = []
        elif kind == "content_block_delta":
            delta = event["delta"]
            pieces.append(delta.get("text") or delta.get("partial_json") or "")
        elif kind == "content_block_stop":
            whole = "".join(pieces)
            if block["type"] == "tool_use":
                block["input"] = json.loads(whole or "{}")
            elif block["type"] == "text":
                block["text"] = whole
    return blocks


def on_this_disk(path, folder):
    """The model's `/work/NAME/…`, or a relative path, as a path in the folder."""
    parts = path.split("/")
    inside = "/".join(parts[3:]) if path.startswith("/work/") else path
    return os.path.join(folder, inside)


def do(call, folder):
    """Reads a file or runs a command, and gives what came of it."""
    if call["name"] == "Read":
        with open(on_this_disk(call["input"]["file_path"], folder), encoding="utf-8") as file:
            return file.read()
    done = subprocess.run(["sh", "-c", call["input"]["command"]], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--prompt", default="Do the work.")
    options = parser.parse_args()

    model = Model()
    messages = [{"role": "user", "content": options.prompt}]
    while True:
        blocks = model.ask(messages)
        messages.append({"role": "assistant", "content": blocks})
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": do(block, options.folder)}
            for block in blocks
            if block["type"] == "tool_use"
        ]
        if not results:
            break
        messages.append({"role": "user", "content": results})


if __name__ == "__main__":
    main()
