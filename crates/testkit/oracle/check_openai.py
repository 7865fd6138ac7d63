"""Drives a fake model server with the official OpenAI SDK and prints what the SDK understood, as JSON.

usage: check_openai.py JOBS, a JSON list of jobs, each a list:
       ["reply", URL]        one streamed reply, put together by the SDK
       ["send", URL, FILE]   sends the request in FILE (arguments of the SDK's create) as a stream
       ["types", FILE]       checks a request's body against the SDK's own types, strictly
       ["models", URL]       the ids of the models on offer
       ["error", URL]        the error the SDK raises
"""

import json
import sys

import openai
import pydantic
from openai.types.chat import completion_create_params


def client(url):
    return openai.OpenAI(base_url=url + "/v1", api_key="sk-oracle", max_retries=0, timeout=20)


def reply(url):
    request = {"model": "fake-model", "messages": [{"role": "user", "content": "hello"}]}
    pieces = []
    with client(url).chat.completions.stream(**request, stream_options={"include_usage": True}) as stream:
        for event in stream:
            if event.type == "content.delta":
                pieces.append(event.delta)
        completion = stream.get_final_completion()
    choice = completion.choices[0]
    calls = [[call.id, call.function.name, call.function.arguments] for call in choice.message.tool_calls or []]
    usage = completion.usage
    return {
        "pieces": pieces,
        "text": choice.message.content,
        "calls": calls,
        "stop": choice.finish_reason,
        "model": completion.model,
        "usage": [usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens],
    }


def send(url, file):
    with open(file, encoding="utf-8") as text:
        request = json.load(text)
    chunks = list(client(url).chat.completions.create(stream=True, **request))
    return {"chunks": len(chunks) > 1}


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
    adapter = pydantic.TypeAdapter(completion_create_params.CompletionCreateParamsStreaming)
    try:
        return {"same": exhaust(adapter.validate_python(body, extra="forbid")) == body}
    except pydantic.ValidationError as error:
        return {"same": False, "error": str(error)}


def models(url):
    return {"models": [model.id for model in client(url).models.list()]}


def error(url):
    try:
        reply(url)
    except openai.APIStatusError as raised:
        return {"error": type(raised).__name__, "status": raised.status_code}
    except openai.APIError as raised:
        return {"error": type(raised).__name__}
    return {"error": None}


if __name__ == "__main__":
    modes = {"reply": reply, "send": send, "types": types, "models": models, "error": error}
    print(json.dumps([modes[job[0]](*job[1:]) for job in json.loads(sys.argv[1])]))
