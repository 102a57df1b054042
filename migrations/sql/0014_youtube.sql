-- YouTube: what vanished, when what was read, counts beyond two thousand million, and the quota that all runs share.
ALTER TABLE cppa_youtube_script_tracker_youtubechannel
    ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE cppa_youtube_script_tracker_youtubevideo
    ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE,
    ALTER COLUMN view_count TYPE BIGINT,
    ALTER COLUMN like_count TYPE BIGINT,
    ALTER COLUMN comment_count TYPE BIGINT;
CREATE INDEX ix_cppa_youtube_script_tracker_youtubevideo_scraped_at ON cppa_youtube_script_tracker_youtubevideo (scraped_at);

CREATE TABLE cppa_youtube_script_tracker_youtubequota (
    project VARCHAR(64) NOT NULL,
    day DATE NOT NULL,
    units INTEGER DEFAULT 0 NOT NULL,
    spent_out BOOLEAN DEFAULT false NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cppa_youtube_script_tracker_youtubequota PRIMARY KEY (project, day)
);
