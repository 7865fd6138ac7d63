"""Drives a fake model server with the official Anthropic SDK and prints what the SDK understood, as JSON.

usage: check_anthropic.py JOBS, a JSON list of jobs, each a list:
       ["reply", URL]        one streamed reply, put together by the SDK
       ["send", URL, FILE]   sends the request in FILE (arguments of the SDK's create) as a stream
       ["types", FILE]       checks a request's body against the SDK's own types, strictly
       ["models", URL]       the ids of the models on offer
       ["error", URL]        the error the SDK raises
"""

import json
import sys

import anthropic
import pydantic
from anthropic.types import message_create_params


def client(url):
    return anthropic.Anthropic(base_url=url, api_key="sk-oracle", max_retries=0, timeout=20)


def reply(url):
    request = {"model": "fake-model", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}
    with client(url).messages.stream(**request) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    blocks = [block.to_dict() for block in message.content]
    usage = message.usage
    return {
        "pieces": pieces,
        "blocks": blocks,
        "stop": message.stop_reason,
        "model": message.model,
        "usage": [
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_input_tokens,
            usage.cache_creation_input_tokens,
        ],
    }


def send(url, file):
    with open(file, encoding="utf-8") as text:
        request = json.load(text)
    events = [event.type for event in client(url).messages.create(stream=True, **request)]
    return {"first": events[0], "last": events[-1]}


def exhaust(value):
    """Types with iterables are checked only when they are iterated."""
    if isinstance(value, dict):
        return {key: exhaust(inner) for key, inner in value.items()}
    if isinstance(value, (str, bytes, int, float, bool)) or value is None:
        return value
    return [exhaust(inner) for inner in value]


def types(file):
    with open(file, encoding="utf-8") as text:
        body = json.load(text)
    adapter = pydantic.TypeAdapter(message_create_params.MessageCreateParamsStreaming)
    try:
        return {"same": exhaust(adapter.validate_python(body, extra="forbid")) == body}
    except pydantic.ValidationError as error:
        return {"same": False, "error": str(error)}


def models(url):
    return {"models": [model.id for model in client(url).models.list()]}


def error(url):
    try:
        reply(url)
    except anthropic.APIStatusError as raised:
        return {"error": type(raised).__name__, "status": raised.status_code}
    except anthropic.APIError as raised:
        return {"error": type(raised).__name__}
    return {"error": None}


if __name__ == "__main__":
    modes = {"reply": reply, "send": send, "types": types, "models": models, "error": error}
    print(json.dumps([modes[job[0]](*job[1:]) for job in json.loads(sys.argv[1])]))
