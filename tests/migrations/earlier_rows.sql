-- Rows without fault.
INSERT INTO cppa_user_tracker_baseprofile (id, type) VALUES (50, 'mailing_list'), (51, 'slack'), (52, 'github');
INSERT INTO cppa_user_tracker_mailinglistprofile VALUES (50, 'Ann', '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_githubaccount (baseprofile_ptr_id, github_account_id, username, display_name, avatar_url,
    account_type, created_at, updated_at) VALUES (52, 9, 'zoe', '', '', 'user', '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_slackuser VALUES (51, 'U1', 'ann', 'Ann', '', '2020-01-01', '2020-01-01');
INSERT INTO boost_mailing_list_tracker_mailinglistmessage
    (id, sender_id, msg_id, parent_id, thread_id, subject, content, list_name, sent_at, created_at)
SELECT n, 50, 'm' || n, '', 't', 'Subject ' || n, 'Text', 'boost@lists.boost.org', '2020-01-02', '2020-01-03'
FROM generate_series(1, 40) AS n;
INSERT INTO cppa_slack_tracker_slackteam VALUES (1, 'T1', 'Team', '2020-01-01', '2020-01-01');
INSERT INTO cppa_slack_tracker_slackchannel (id, team_id, channel_id, channel_name, channel_type, created_at, updated_at)
    VALUES (1, 1, 'C1', 'general', 'public_channel', '2020-01-01', '2020-01-01');
INSERT INTO cppa_slack_tracker_slackmessage (id, channel_id, ts, slack_user_id, message, slack_message_created_at,
    slack_message_updated_at) VALUES (1, 1, '1.0', 51, 'hi', '2020-01-02', NULL), (2, 1, '2.0', NULL, 'ho', '2020-01-02',
    '2020-01-05');
SELECT setval(pg_get_serial_sequence('cppa_user_tracker_baseprofile', 'id'), 1000);

-- Duplicates that the earlier schema allowed. Profiles 1 and 2 are one GitHub account stored twice, so their
-- repositories, commits, files and usages collide in turn.
INSERT INTO cppa_user_tracker_identity (id, display_name, description, created_at, updated_at)
    VALUES (7, 'Ann', '', '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_tmpidentity (id, display_name, description, created_at, updated_at)
    VALUES (1, 'Ann', '', '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_baseprofile (id, type, identity_id) VALUES (1, 'github', NULL), (2, 'github', 7), (3, 'github', NULL);
INSERT INTO cppa_user_tracker_githubaccount (baseprofile_ptr_id, github_account_id, username, display_name, avatar_url,
    account_type, created_at, updated_at) VALUES
    (1, 100, 'ann', '', '', 'organization', '2020-01-01', '2020-01-01'),
    (2, 100, 'ann2', 'Ann', 'https://x.org/a.png', 'user', '2020-01-02', '2020-01-02'),
    (3, 200, 'bob', 'Bob', '', 'user', '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_email (id, base_profile_id, email, is_primary, is_active, created_at, updated_at) VALUES
    (1, 1, 'a@x.org', false, false, '2020-01-01', '2020-01-01'), (2, 2, 'A@X.org', true, true, '2020-01-01', '2020-01-01'),
    (3, 2, 'b@x.org', true, true, '2020-01-01', '2020-01-01'), (4, 3, ' ', true, true, '2020-01-01', '2020-01-01'),
    (5, 3, 'a@x.org', true, true, '2020-01-01', '2020-01-01');
INSERT INTO cppa_user_tracker_tempprofileidentityrelation (id, base_profile_id, target_identity_id, created_at, updated_at)
    VALUES (1, 1, 1, '2020-01-01', '2020-01-01'), (2, 2, 1, '2020-01-01', '2020-01-01'), (3, 3, 1, '2020-01-01', '2020-01-01');
INSERT INTO github_activity_tracker_githubrepository (id, owner_account_id, repo_name, stars, forks, description) VALUES
    (1, 1, 'json', 5, 0, ''), (2, 2, 'json', 6, 0, 'JSON'), (3, 2, 'url', 0, 0, ''), (4, 3, 'json', 0, 0, '');
INSERT INTO boost_library_tracker_boostlibraryrepository (githubrepository_ptr_id, created_at, updated_at)
    VALUES (2, '2020-01-01', '2020-01-01');
INSERT INTO boost_library_tracker_boostlibrary (id, repo_id, name) VALUES (1, 2, 'JSON');
INSERT INTO boost_usage_tracker_boostexternalrepository (githubrepository_ptr_id, boost_version, is_boost_embedded,
    is_boost_used, created_at, updated_at) VALUES (4, '', false, true, '2020-01-01', '2020-01-01');
INSERT INTO github_activity_tracker_gitcommit (id, repo_id, account_id, commit_hash, comment, commit_at) VALUES
    (1, 1, 1, 'aaa', '', '2020-01-01'), (2, 2, 2, 'aaa', 'First', '2020-01-01'), (3, 2, 2, 'bbb', 'Second', '2020-01-02');
INSERT INTO github_activity_tracker_githubfile (id, repo_id, filename, is_deleted, previous_filename_id, created_at) VALUES
    (1, 1, 'a.hpp', true, NULL, '2020-01-01'), (2, 1, 'a.hpp', false, 5, '2020-01-01'), (3, 2, 'a.hpp', true, NULL, '2020-01-01'),
    (4, 4, 'main.cpp', false, NULL, '2020-01-01'), (5, 1, 'old.hpp', true, NULL, '2020-01-01'),
    (6, 4, 'main.cpp', false, 4, '2020-01-01');
INSERT INTO github_activity_tracker_gitcommitfilechange (id, commit_id, github_file_id, status, additions, deletions, patch,
    created_at) VALUES (1, 1, 1, 'added', 1, 0, '', '2020-01-01'), (2, 2, 3, 'added', 1, 0, '@@ patch', '2020-01-01'),
    (3, 3, 2, 'modified', 2, 2, '', '2020-01-01');
INSERT INTO boost_library_tracker_boostfile (github_file_id, library_id) VALUES (2, 1), (3, 1);
INSERT INTO boost_usage_tracker_boostusage (id, repo_id, boost_header_id, file_path_id, created_at, updated_at) VALUES
    (1, 4, 2, 4, '2020-01-01', '2020-01-01'), (2, 4, 3, 4, '2020-01-01', '2020-01-01'), (3, 4, NULL, 4, '2020-01-01', '2020-01-01'),
    (4, 4, NULL, 6, '2020-01-01', '2020-01-01');
INSERT INTO boost_usage_tracker_boostmissingheadertmp (id, usage_id, header_name, created_at) VALUES
    (1, 3, 'boost/x.hpp', '2020-01-01'), (2, 4, 'boost/x.hpp', '2020-01-01'), (3, 4, 'boost/y.hpp', '2020-01-01');
INSERT INTO github_activity_tracker_issue (id, repo_id, account_id, issue_number, issue_id, title, body, state, state_reason,
    created_at, updated_at) VALUES (1, 2, 2, 1, 11, 'Bug', '', 'open', '', '2020-01-01', '2020-01-01');
INSERT INTO github_activity_tracker_issue_assignees (id, issue_id, githubaccount_id) VALUES (1, 1, 1), (2, 1, 2), (3, 1, 3);
INSERT INTO cppa_pinecone_sync_pineconefaillist (id, failed_id, app_type, created_at) VALUES
    (1, 'x', 'mail', '2020-01-01'), (2, 'x', 'mail', '2020-01-02'), (3, 'x', 'slack', '2020-01-01');
