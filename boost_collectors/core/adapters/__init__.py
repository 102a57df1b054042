"""The places where libraries of outside services are used: a protocol each, which knows no library, and its adapter."""

from boost_collectors.core.adapters.github import GitHubApiAdapter
from boost_collectors.core.adapters.github_protocol import GitHubApiProtocol
from boost_collectors.core.adapters.pinecone import PineconeAdapter, ensure_pinecone_available
from boost_collectors.core.adapters.pinecone_protocol import PineconeClientProtocol, PineconeIndexProtocol
from boost_collectors.core.adapters.slack import SlackWebApiAdapter
from boost_collectors.core.adapters.slack_protocol import SlackWebApiProtocol

__all__ = [
    "GitHubApiAdapter",
    "GitHubApiProtocol",
    "PineconeAdapter",
    "PineconeClientProtocol",
    "PineconeIndexProtocol",
    "SlackWebApiAdapter",
    "SlackWebApiProtocol",
    "ensure_pinecone_available",
]
