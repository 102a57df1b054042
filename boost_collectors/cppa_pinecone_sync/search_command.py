"""``search``: what the collected documents say about something."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from pydantic import Field, field_validator

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options, parse_instant
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance
from boost_collectors.cppa_pinecone_sync.search import Answer, Question, search_documents, synced_documents


class SearchOptions(Options):
    text: str = Field("", description="What to look for; may be given without the flag.", json_schema_extra=BARE)
    namespace: str = Field("", description="Only this namespace; all that were synced without it.")
    source: str = Field("", description="Only documents of this type, such as mailing, issue, pr or slack.")
    since: str = Field("", description="Only documents of this ISO date or date-time, or later.")
    limit: int = Field(10, ge=1, le=100, description="Most answers.")
    as_json: bool = Field(False, description="Print a JSON array of all that is known of the answers.")
    pinecone_instance: str = Field("public", description="Whose account: public or private.")

    @field_validator("text", "namespace", "source")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()

    @field_validator("pinecone_instance")
    @classmethod
    def _known_instance(cls, value: str) -> str:
        return PineconeInstance.coerce(value or None).value


class SearchCommand(BaseCommand):
    """Ask the vector store that the settings name, and print the answers on standard output."""

    options = SearchOptions

    def execute(self, options: Options) -> None:
        """Print the answers; what there is to say when there are none goes to standard error.

        Raises CommandError without a text, without a key of the store, and for a namespace that was never synced.
        """
        given = SearchOptions.model_validate(options.model_dump())
        if not given.text:
            raise CommandError('say what to look for: search "text"')
        since = parse_instant(given.since, "--since") if given.since else None
        question = Question(given.text, given.source, since, given.limit)
        answers = self._answers(question, given.namespace, PineconeInstance.coerce(given.pinecone_instance))
        if given.as_json:
            click.echo(json.dumps([answer.as_dict() for answer in answers], ensure_ascii=False, indent=2))
        elif answers:
            click.echo("\n\n".join(described(answers)))

    def _answers(self, question: Question, namespace: str, instance: PineconeInstance) -> list[Answer]:
        database, settings = self.context.database, self.context.settings
        synced = synced_documents(database, settings, instance)
        if not synced:
            click.echo(
                f"Nothing has been synced to the {settings.vector_store} vector store yet: run a collector, "
                "then run_cppa_pinecone_sync for what it has collected.",
                err=True,
            )
            return []
        if namespace and namespace not in synced:
            raise CommandError(f"nothing is synced to the namespace {namespace!r}; there are: {', '.join(synced)}")
        names = [namespace] if namespace else list(synced)
        try:
            answers = search_documents(database, settings, question, names, instance)
        except ValueError as error:
            raise CommandError(f"{error}, or VECTOR_STORE=local") from error
        if not answers:
            documents = sum(synced[name] for name in names)
            click.echo(f"Nothing matches {question.text!r} in {documents} documents of {', '.join(names)}.", err=True)
        return answers


def described(answers: Sequence[Answer]) -> list[str]:
    """Each answer as a few lines for people."""
    return ["\n".join(_lines(number, answer)) for number, answer in enumerate(answers, start=1)]


def _lines(number: int, answer: Answer) -> list[str]:
    facts = [answer.source, f"{answer.date:%Y-%m-%d}" if answer.date else "", answer.author]
    lines = [f"{number}. {answer.title}", " · ".join(fact for fact in facts if fact), answer.url, answer.excerpt]
    return [lines[0], *(f"   {line}" for line in lines[1:] if line)]
