-- The local vector store: the words of each chunk, and what it means.
CREATE TABLE cppa_pinecone_sync_localtext (
    account VARCHAR(16) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    vector_id VARCHAR(32) NOT NULL,
    chunk_text TEXT NOT NULL,
    fields JSONB NOT NULL,
    words TSVECTOR NOT NULL GENERATED ALWAYS AS (to_tsvector('english'::regconfig, chunk_text)) STORED,
    CONSTRAINT pk_cppa_pinecone_sync_localtext PRIMARY KEY (account, namespace, vector_id)
);
CREATE INDEX ix_cppa_pinecone_sync_localtext_words ON cppa_pinecone_sync_localtext USING gin (words);

CREATE TABLE cppa_pinecone_sync_localembedding (
    account VARCHAR(16) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    vector_id VARCHAR(32) NOT NULL,
    embedding REAL[] NOT NULL,
    CONSTRAINT pk_cppa_pinecone_sync_localembedding PRIMARY KEY (account, namespace, vector_id)
);

-- Embeddings are compared by pgvector. A server that lacks it, or whose administrator must add it, searches by words.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pgvector is left out: this user may not add it';
END $$;
