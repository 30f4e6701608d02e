"""A model that runs elsewhere, behind an OpenAI-compatible address: vLLM, Ollama, llama.cpp, a service."""

from assistant.api import Writer, hookimpl
from plugins.endpoint.writer import EndpointWriter


@hookimpl
def register_writers() -> list[Writer]:
    """The writer that asks a server."""
    return [EndpointWriter()]
