-- Documentation pages: a release has a page once, whatever texts it has had, and pages may share a text.
ALTER TABLE boost_library_docs_tracker_boostdoccontent
    ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE boost_library_docs_tracker_boostlibrarydocumentation
    ADD COLUMN page_url TEXT,
    ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE,
    DROP CONSTRAINT boost_library_docs_tracker_lib_ver_content_uniq;

-- The text knew only the last of its pages: in another release that page has the same path.
UPDATE boost_library_docs_tracker_boostlibrarydocumentation AS page
SET page_url = regexp_replace(
    content.url,
    '/doc/libs/[^/]+/',
    '/doc/libs/' || replace(regexp_replace(release.version, '^boost-', ''), '.', '_') || '/'
)
FROM boost_library_docs_tracker_boostdoccontent AS content,
    boost_library_tracker_boostlibraryversion AS library,
    boost_library_tracker_boostversion AS release
WHERE content.id = page.boost_doc_content_id
    AND library.id = page.boost_library_version_id
    AND release.id = library.version_id;

-- A page that had changed left its former text behind. The rows are kept as they were.
WITH ranked AS (
    SELECT
        page.id,
        first_value(page.id) OVER same_page AS kept_id
    FROM boost_library_docs_tracker_boostlibrarydocumentation AS page
    JOIN boost_library_docs_tracker_boostdoccontent AS content ON content.id = page.boost_doc_content_id
    WINDOW same_page AS (
        PARTITION BY page.boost_library_version_id, page.page_url ORDER BY content.scraped_at DESC, page.id DESC
    )
), stale AS (
    DELETE FROM boost_library_docs_tracker_boostlibrarydocumentation AS page
    USING ranked
    WHERE ranked.id = page.id AND ranked.kept_id <> page.id
    RETURNING page.*, ranked.kept_id
)
INSERT INTO core_mergedrow (table_name, kept_id, row)
SELECT 'boost_library_docs_tracker_boostlibrarydocumentation', kept_id::text, to_jsonb(stale) - 'kept_id' FROM stale;

UPDATE boost_library_docs_tracker_boostdoccontent AS content
SET gone_at = now()
WHERE id IN (
    SELECT (row ->> 'boost_doc_content_id')::bigint
    FROM core_mergedrow
    WHERE table_name = 'boost_library_docs_tracker_boostlibrarydocumentation' AND row ? 'boost_doc_content_id'
) AND NOT EXISTS (
    SELECT FROM boost_library_docs_tracker_boostlibrarydocumentation AS page WHERE page.boost_doc_content_id = content.id
);

ALTER TABLE boost_library_docs_tracker_boostlibrarydocumentation
    ALTER COLUMN page_url SET NOT NULL,
    ADD CONSTRAINT uq_boost_library_docs_tracker_boostlibrarydocumentation_8f2e UNIQUE (boost_library_version_id, page_url);
