"""What the foreign keys of these tables name."""

from __future__ import annotations

from boost_collectors.cppa_user_tracker.models import GithubAccount

ACCOUNT = f"{GithubAccount.__tablename__}.baseprofile_ptr_id"
REPOSITORY = "github_activity_tracker_githubrepository.id"
ISSUE = "github_activity_tracker_issue.id"
PULL_REQUEST = "github_activity_tracker_pullrequest.id"
