-- The committer's date of a commit: what a window bounds. The column of the earlier system holds the author's.
ALTER TABLE clang_github_tracker_commit ADD COLUMN committed_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_clang_github_tracker_commit_committed_at ON clang_github_tracker_commit (committed_at);
