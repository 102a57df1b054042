-- What the earlier system's code guaranteed, the database now guarantees itself.

-- Defaults, deletion of dependent rows, keys that were promised but never declared.
ALTER TABLE boost_collector_runner_collectorgrouprunstatus
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE boost_library_tracker_boostlibrarycategory
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE boost_mailing_list_tracker_mailinglistmessage
    ALTER COLUMN parent_id SET DEFAULT '',
    ALTER COLUMN thread_id SET DEFAULT '',
    ALTER COLUMN subject SET DEFAULT '',
    ALTER COLUMN content SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE clang_github_tracker_commit
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE clang_github_tracker_issue_item
    ALTER COLUMN is_pull_request SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE cppa_pinecone_sync_pineconefaillist
    ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE cppa_pinecone_sync_pineconesyncstatus
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE cppa_slack_tracker_slackteam
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE cppa_user_tracker_identity
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN description SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE cppa_user_tracker_tmpidentity
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN description SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE cppa_youtube_script_tracker_youtubechannel
    ALTER COLUMN channel_title SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE discord_activity_tracker_discordserver
    ALTER COLUMN icon_url SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE github_activity_tracker_language
    ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE github_activity_tracker_license
    ALTER COLUMN spdx_id SET DEFAULT '',
    ALTER COLUMN url SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE wg21_paper_tracker_wg21mailing
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE boost_library_docs_tracker_boostdoccontent
    ALTER COLUMN is_upserted SET DEFAULT false,
    ALTER COLUMN scraped_at SET DEFAULT now(),
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_docs_tracker_boostdoccontent_first_ver_29b6,
    ADD CONSTRAINT fk_boost_library_docs_tracker_boostdoccontent_first_ver_29b6 FOREIGN KEY(first_version_id) REFERENCES boost_library_tracker_boostversion (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_docs_tracker_boostdoccontent_last_vers_ff12,
    ADD CONSTRAINT fk_boost_library_docs_tracker_boostdoccontent_last_vers_ff12 FOREIGN KEY(last_version_id) REFERENCES boost_library_tracker_boostversion (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_baseprofile
    DROP CONSTRAINT fk_cppa_user_tracker_baseprofile_identity_id_cppa_user__5ca4,
    ADD CONSTRAINT fk_cppa_user_tracker_baseprofile_identity_id_cppa_user__5ca4 FOREIGN KEY(identity_id) REFERENCES cppa_user_tracker_identity (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_youtube_script_tracker_youtubevideo
    ALTER COLUMN title SET DEFAULT '',
    ALTER COLUMN description SET DEFAULT '',
    ALTER COLUMN duration_seconds SET DEFAULT 0,
    ALTER COLUMN search_term SET DEFAULT '',
    ALTER COLUMN has_transcript SET DEFAULT false,
    ALTER COLUMN transcript_path SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideo_channel_id__3d0d,
    ADD CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideo_channel_id__3d0d FOREIGN KEY(channel_id) REFERENCES cppa_youtube_script_tracker_youtubechannel (channel_id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE discord_activity_tracker_discordchannel
    ALTER COLUMN category_name SET DEFAULT '',
    ALTER COLUMN topic SET DEFAULT '',
    ALTER COLUMN position SET DEFAULT 0,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_discord_activity_tracker_discordchannel_server_id_di_e46c,
    ADD CONSTRAINT fk_discord_activity_tracker_discordchannel_server_id_di_e46c FOREIGN KEY(server_id) REFERENCES discord_activity_tracker_discordserver (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_createdreposbylanguage
    ALTER COLUMN all_repos SET DEFAULT 0,
    ALTER COLUMN significant_repos SET DEFAULT 0,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_createdreposbylanguage_langu_e97e,
    ADD CONSTRAINT fk_github_activity_tracker_createdreposbylanguage_langu_e97e FOREIGN KEY(language_id) REFERENCES github_activity_tracker_language (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE wg21_paper_tracker_wg21paper
    ALTER COLUMN year SET DEFAULT 0,
    ALTER COLUMN subgroup SET DEFAULT '',
    ALTER COLUMN is_downloaded SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_wg21_paper_tracker_wg21paper_mailing_id_wg21_paper_t_23ec,
    ADD CONSTRAINT fk_wg21_paper_tracker_wg21paper_mailing_id_wg21_paper_t_23ec FOREIGN KEY(mailing_id) REFERENCES wg21_paper_tracker_wg21mailing (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_discordprofile
    ALTER COLUMN username SET DEFAULT '',
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN avatar_url SET DEFAULT '',
    ALTER COLUMN is_bot SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_discordprofile_baseprofile_ptr_id__8b6b,
    ADD CONSTRAINT fk_cppa_user_tracker_discordprofile_baseprofile_ptr_id__8b6b FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_email
    ALTER COLUMN is_primary SET DEFAULT false,
    ALTER COLUMN is_active SET DEFAULT true,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_email_base_profile_id_cppa_user_tr_bc1d,
    ADD CONSTRAINT fk_cppa_user_tracker_email_base_profile_id_cppa_user_tr_bc1d FOREIGN KEY(base_profile_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT ck_cppa_user_tracker_email_not_empty CHECK (email <> '');
ALTER TABLE cppa_user_tracker_githubaccount
    ALTER COLUMN username SET DEFAULT '',
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN avatar_url SET DEFAULT '',
    ALTER COLUMN account_type SET DEFAULT 'user',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_githubaccount_baseprofile_ptr_id_c_3a35,
    ADD CONSTRAINT fk_cppa_user_tracker_githubaccount_baseprofile_ptr_id_c_3a35 FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT uq_cppa_user_tracker_githubaccount_github_account_id UNIQUE (github_account_id);
ALTER TABLE cppa_user_tracker_mailinglistprofile
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_mailinglistprofile_baseprofile_ptr_840d,
    ADD CONSTRAINT fk_cppa_user_tracker_mailinglistprofile_baseprofile_ptr_840d FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_reddituser
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_reddituser_baseprofile_ptr_id_cppa_08e1,
    ADD CONSTRAINT fk_cppa_user_tracker_reddituser_baseprofile_ptr_id_cppa_08e1 FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_slackuser
    ALTER COLUMN username SET DEFAULT '',
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN avatar_url SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_slackuser_baseprofile_ptr_id_cppa__f5fd,
    ADD CONSTRAINT fk_cppa_user_tracker_slackuser_baseprofile_ptr_id_cppa__f5fd FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_tempprofileidentityrelation
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_tempprofileidentityrelation_base_p_f11b,
    ADD CONSTRAINT fk_cppa_user_tracker_tempprofileidentityrelation_base_p_f11b FOREIGN KEY(base_profile_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_user_tracker_tempprofileidentityrelation_target_6599,
    ADD CONSTRAINT fk_cppa_user_tracker_tempprofileidentityrelation_target_6599 FOREIGN KEY(target_identity_id) REFERENCES cppa_user_tracker_tmpidentity (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT uq_cppa_user_tracker_tempprofileidentityrelation_base_p_811b UNIQUE (base_profile_id, target_identity_id);
ALTER TABLE cppa_user_tracker_wg21paperauthorprofile
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN author_alias SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_wg21paperauthorprofile_baseprofile_1e65,
    ADD CONSTRAINT fk_cppa_user_tracker_wg21paperauthorprofile_baseprofile_1e65 FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_user_tracker_youtubespeaker
    ALTER COLUMN display_name SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_user_tracker_youtubespeaker_baseprofile_ptr_id__19bf,
    ADD CONSTRAINT fk_cppa_user_tracker_youtubespeaker_baseprofile_ptr_id__19bf FOREIGN KEY(baseprofile_ptr_id) REFERENCES cppa_user_tracker_baseprofile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_youtube_script_tracker_youtubevideotags
    DROP CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideotags_youtube_4c4f,
    ADD CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideotags_youtube_4c4f FOREIGN KEY(youtube_video_id) REFERENCES cppa_youtube_script_tracker_youtubevideo (video_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideotags_cppa_ta_6990,
    ADD CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideotags_cppa_ta_6990 FOREIGN KEY(cppa_tag_id) REFERENCES cppa_youtube_script_tracker_cppatags (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE discord_activity_tracker_discordmessage
    ALTER COLUMN content SET DEFAULT '',
    ALTER COLUMN message_type SET DEFAULT 'Default',
    ALTER COLUMN is_pinned SET DEFAULT false,
    ALTER COLUMN is_deleted SET DEFAULT false,
    ALTER COLUMN has_attachments SET DEFAULT false,
    ALTER COLUMN attachment_urls SET DEFAULT '[]'::jsonb,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_discord_activity_tracker_discordmessage_channel_id_d_bf70,
    ADD CONSTRAINT fk_discord_activity_tracker_discordmessage_channel_id_d_bf70 FOREIGN KEY(channel_id) REFERENCES discord_activity_tracker_discordchannel (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_slack_tracker_slackchannel
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannel_team_id_cppa_slack_t_664c,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannel_team_id_cppa_slack_t_664c FOREIGN KEY(team_id) REFERENCES cppa_slack_tracker_slackteam (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannel_creator_user_id_cppa_e657,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannel_creator_user_id_cppa_e657 FOREIGN KEY(creator_user_id) REFERENCES cppa_user_tracker_slackuser (baseprofile_ptr_id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_youtube_script_tracker_youtubevideospeaker
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideospeaker_vide_355c,
    ADD CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideospeaker_vide_355c FOREIGN KEY(video_id) REFERENCES cppa_youtube_script_tracker_youtubevideo (video_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideospeaker_spea_73f5,
    ADD CONSTRAINT fk_cppa_youtube_script_tracker_youtubevideospeaker_spea_73f5 FOREIGN KEY(speaker_id) REFERENCES cppa_user_tracker_youtubespeaker (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE discord_activity_tracker_discordreaction
    ALTER COLUMN count SET DEFAULT 1,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_discord_activity_tracker_discordreaction_message_id__d3ad,
    ADD CONSTRAINT fk_discord_activity_tracker_discordreaction_message_id__d3ad FOREIGN KEY(message_id) REFERENCES discord_activity_tracker_discordmessage (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_githubrepository
    ALTER COLUMN stars SET DEFAULT 0,
    ALTER COLUMN forks SET DEFAULT 0,
    ALTER COLUMN description SET DEFAULT '',
    DROP CONSTRAINT fk_github_activity_tracker_githubrepository_owner_accou_a3ca,
    ADD CONSTRAINT fk_github_activity_tracker_githubrepository_owner_accou_a3ca FOREIGN KEY(owner_account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reddit_activity_tracker_redditsubmission
    ALTER COLUMN title SET DEFAULT '',
    ALTER COLUMN selftext SET DEFAULT '',
    ALTER COLUMN selftext_html SET DEFAULT '',
    ALTER COLUMN url SET DEFAULT '',
    ALTER COLUMN permalink SET DEFAULT '',
    ALTER COLUMN score SET DEFAULT 0,
    ALTER COLUMN num_comments SET DEFAULT 0,
    ALTER COLUMN fetched_at SET DEFAULT now(),
    DROP CONSTRAINT fk_reddit_activity_tracker_redditsubmission_reddit_user_1426,
    ADD CONSTRAINT fk_reddit_activity_tracker_redditsubmission_reddit_user_1426 FOREIGN KEY(reddit_user_id) REFERENCES cppa_user_tracker_reddituser (baseprofile_ptr_id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE wg21_paper_tracker_wg21paperauthor
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_wg21_paper_tracker_wg21paperauthor_paper_id_wg21_pap_36ba,
    ADD CONSTRAINT fk_wg21_paper_tracker_wg21paperauthor_paper_id_wg21_pap_36ba FOREIGN KEY(paper_id) REFERENCES wg21_paper_tracker_wg21paper (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_wg21_paper_tracker_wg21paperauthor_profile_id_cppa_u_3450,
    ADD CONSTRAINT fk_wg21_paper_tracker_wg21paperauthor_profile_id_cppa_u_3450 FOREIGN KEY(profile_id) REFERENCES cppa_user_tracker_wg21paperauthorprofile (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostlibraryrepository
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_tracker_boostlibraryrepository_githubr_d5f7,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibraryrepository_githubr_d5f7 FOREIGN KEY(githubrepository_ptr_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_usage_tracker_boostexternalrepository
    ALTER COLUMN boost_version SET DEFAULT '',
    ALTER COLUMN is_boost_embedded SET DEFAULT false,
    ALTER COLUMN is_boost_used SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_usage_tracker_boostexternalrepository_githubre_19c6,
    ADD CONSTRAINT fk_boost_usage_tracker_boostexternalrepository_githubre_19c6 FOREIGN KEY(githubrepository_ptr_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_slack_tracker_slackchannelmembership
    ALTER COLUMN is_restricted SET DEFAULT false,
    ALTER COLUMN is_deleted SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannelmembership_channel_id_c39a,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannelmembership_channel_id_c39a FOREIGN KEY(channel_id) REFERENCES cppa_slack_tracker_slackchannel (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannelmembership_slack_user_1fb5,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannelmembership_slack_user_1fb5 FOREIGN KEY(slack_user_id) REFERENCES cppa_user_tracker_slackuser (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_slack_tracker_slackchannelmembershipchangelog
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannelmembershipchangelog_c_e56f,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannelmembershipchangelog_c_e56f FOREIGN KEY(channel_id) REFERENCES cppa_slack_tracker_slackchannel (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_slack_tracker_slackchannelmembershipchangelog_s_8c11,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackchannelmembershipchangelog_s_8c11 FOREIGN KEY(slack_user_id) REFERENCES cppa_user_tracker_slackuser (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cppa_slack_tracker_slackmessage
    DROP CONSTRAINT fk_cppa_slack_tracker_slackmessage_channel_id_cppa_slac_a6e4,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackmessage_channel_id_cppa_slac_a6e4 FOREIGN KEY(channel_id) REFERENCES cppa_slack_tracker_slackchannel (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_cppa_slack_tracker_slackmessage_slack_user_id_cppa_u_bd92,
    ADD CONSTRAINT fk_cppa_slack_tracker_slackmessage_slack_user_id_cppa_u_bd92 FOREIGN KEY(slack_user_id) REFERENCES cppa_user_tracker_slackuser (baseprofile_ptr_id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_gitcommit
    ALTER COLUMN comment SET DEFAULT '',
    ALTER COLUMN commit_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_gitcommit_repo_id_github_act_a605,
    ADD CONSTRAINT fk_github_activity_tracker_gitcommit_repo_id_github_act_a605 FOREIGN KEY(repo_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_gitcommit_account_id_cppa_us_a097,
    ADD CONSTRAINT fk_github_activity_tracker_gitcommit_account_id_cppa_us_a097 FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_githubfile
    ALTER COLUMN is_deleted SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_githubfile_repo_id_github_ac_949d,
    ADD CONSTRAINT fk_github_activity_tracker_githubfile_repo_id_github_ac_949d FOREIGN KEY(repo_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_githubfile_previous_filename_f88c,
    ADD CONSTRAINT fk_github_activity_tracker_githubfile_previous_filename_f88c FOREIGN KEY(previous_filename_id) REFERENCES github_activity_tracker_githubfile (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT uq_github_activity_tracker_githubfile_repo_id_filename UNIQUE (repo_id, filename);
ALTER TABLE github_activity_tracker_githubrepository_licenses
    DROP CONSTRAINT fk_github_activity_tracker_githubrepository_licenses_gi_8d87,
    ADD CONSTRAINT fk_github_activity_tracker_githubrepository_licenses_gi_8d87 FOREIGN KEY(githubrepository_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_githubrepository_licenses_li_4bd7,
    ADD CONSTRAINT fk_github_activity_tracker_githubrepository_licenses_li_4bd7 FOREIGN KEY(license_id) REFERENCES github_activity_tracker_license (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_issue
    ALTER COLUMN title SET DEFAULT '',
    ALTER COLUMN body SET DEFAULT '',
    ALTER COLUMN state SET DEFAULT 'open',
    ALTER COLUMN state_reason SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_issue_repo_id_github_activit_1c3e,
    ADD CONSTRAINT fk_github_activity_tracker_issue_repo_id_github_activit_1c3e FOREIGN KEY(repo_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_issue_account_id_cppa_user_t_ceba,
    ADD CONSTRAINT fk_github_activity_tracker_issue_account_id_cppa_user_t_ceba FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_pullrequest
    ALTER COLUMN title SET DEFAULT '',
    ALTER COLUMN body SET DEFAULT '',
    ALTER COLUMN state SET DEFAULT 'open',
    ALTER COLUMN head_hash SET DEFAULT '',
    ALTER COLUMN base_hash SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_pullrequest_repo_id_github_a_25f7,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequest_repo_id_github_a_25f7 FOREIGN KEY(repo_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_pullrequest_account_id_cppa__c67d,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequest_account_id_cppa__c67d FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_repolanguage
    ALTER COLUMN line_count SET DEFAULT 0,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_repolanguage_repo_id_github__cb4e,
    ADD CONSTRAINT fk_github_activity_tracker_repolanguage_repo_id_github__cb4e FOREIGN KEY(repo_id) REFERENCES github_activity_tracker_githubrepository (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_repolanguage_language_id_git_d204,
    ADD CONSTRAINT fk_github_activity_tracker_repolanguage_language_id_git_d204 FOREIGN KEY(language_id) REFERENCES github_activity_tracker_language (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reddit_activity_tracker_redditcomment
    ALTER COLUMN parent_id SET DEFAULT '',
    ALTER COLUMN body SET DEFAULT '',
    ALTER COLUMN url SET DEFAULT '',
    ALTER COLUMN score SET DEFAULT 0,
    ALTER COLUMN fetched_at SET DEFAULT now(),
    DROP CONSTRAINT fk_reddit_activity_tracker_redditcomment_submission_id__fb99,
    ADD CONSTRAINT fk_reddit_activity_tracker_redditcomment_submission_id__fb99 FOREIGN KEY(submission_id) REFERENCES reddit_activity_tracker_redditsubmission (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_reddit_activity_tracker_redditcomment_reddit_user_id_a3b2,
    ADD CONSTRAINT fk_reddit_activity_tracker_redditcomment_reddit_user_id_a3b2 FOREIGN KEY(reddit_user_id) REFERENCES cppa_user_tracker_reddituser (baseprofile_ptr_id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostlibrary
    DROP CONSTRAINT fk_boost_library_tracker_boostlibrary_repo_id_boost_lib_02e7,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibrary_repo_id_boost_lib_02e7 FOREIGN KEY(repo_id) REFERENCES boost_library_tracker_boostlibraryrepository (githubrepository_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_gitcommitfilechange
    ALTER COLUMN additions SET DEFAULT 0,
    ALTER COLUMN deletions SET DEFAULT 0,
    ALTER COLUMN patch SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_gitcommitfilechange_commit_i_0cd5,
    ADD CONSTRAINT fk_github_activity_tracker_gitcommitfilechange_commit_i_0cd5 FOREIGN KEY(commit_id) REFERENCES github_activity_tracker_gitcommit (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_gitcommitfilechange_github_f_e7ef,
    ADD CONSTRAINT fk_github_activity_tracker_gitcommitfilechange_github_f_e7ef FOREIGN KEY(github_file_id) REFERENCES github_activity_tracker_githubfile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_issue_assignees
    DROP CONSTRAINT fk_github_activity_tracker_issue_assignees_issue_id_git_4e9a,
    ADD CONSTRAINT fk_github_activity_tracker_issue_assignees_issue_id_git_4e9a FOREIGN KEY(issue_id) REFERENCES github_activity_tracker_issue (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_issue_assignees_githubaccoun_e9f6,
    ADD CONSTRAINT fk_github_activity_tracker_issue_assignees_githubaccoun_e9f6 FOREIGN KEY(githubaccount_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_issuecomment
    ALTER COLUMN body SET DEFAULT '',
    DROP CONSTRAINT fk_github_activity_tracker_issuecomment_issue_id_github_1837,
    ADD CONSTRAINT fk_github_activity_tracker_issuecomment_issue_id_github_1837 FOREIGN KEY(issue_id) REFERENCES github_activity_tracker_issue (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_issuecomment_account_id_cppa_29c2,
    ADD CONSTRAINT fk_github_activity_tracker_issuecomment_account_id_cppa_29c2 FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_issuelabel
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_issuelabel_issue_id_github_a_db8b,
    ADD CONSTRAINT fk_github_activity_tracker_issuelabel_issue_id_github_a_db8b FOREIGN KEY(issue_id) REFERENCES github_activity_tracker_issue (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_pullrequest_assignees
    DROP CONSTRAINT fk_github_activity_tracker_pullrequest_assignees_pullre_7e2d,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequest_assignees_pullre_7e2d FOREIGN KEY(pullrequest_id) REFERENCES github_activity_tracker_pullrequest (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_pullrequest_assignees_github_bc55,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequest_assignees_github_bc55 FOREIGN KEY(githubaccount_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_pullrequestcomment
    ALTER COLUMN body SET DEFAULT '',
    DROP CONSTRAINT fk_github_activity_tracker_pullrequestcomment_pr_id_git_ff97,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequestcomment_pr_id_git_ff97 FOREIGN KEY(pr_id) REFERENCES github_activity_tracker_pullrequest (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_pullrequestcomment_account_i_2709,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequestcomment_account_i_2709 FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_pullrequestlabel
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_github_activity_tracker_pullrequestlabel_pr_id_githu_3eb5,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequestlabel_pr_id_githu_3eb5 FOREIGN KEY(pr_id) REFERENCES github_activity_tracker_pullrequest (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE github_activity_tracker_pullrequestreview
    ALTER COLUMN body SET DEFAULT '',
    DROP CONSTRAINT fk_github_activity_tracker_pullrequestreview_pr_id_gith_e54c,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequestreview_pr_id_gith_e54c FOREIGN KEY(pr_id) REFERENCES github_activity_tracker_pullrequest (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_github_activity_tracker_pullrequestreview_account_id_470b,
    ADD CONSTRAINT fk_github_activity_tracker_pullrequestreview_account_id_470b FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostdependency
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_tracker_boostdependency_client_library_6d1d,
    ADD CONSTRAINT fk_boost_library_tracker_boostdependency_client_library_6d1d FOREIGN KEY(client_library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostdependency_version_id_boo_118b,
    ADD CONSTRAINT fk_boost_library_tracker_boostdependency_version_id_boo_118b FOREIGN KEY(version_id) REFERENCES boost_library_tracker_boostversion (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostdependency_dep_library_id_3f2f,
    ADD CONSTRAINT fk_boost_library_tracker_boostdependency_dep_library_id_3f2f FOREIGN KEY(dep_library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostfile
    DROP CONSTRAINT fk_boost_library_tracker_boostfile_github_file_id_githu_8e2f,
    ADD CONSTRAINT fk_boost_library_tracker_boostfile_github_file_id_githu_8e2f FOREIGN KEY(github_file_id) REFERENCES github_activity_tracker_githubfile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostfile_library_id_boost_lib_a24c,
    ADD CONSTRAINT fk_boost_library_tracker_boostfile_library_id_boost_lib_a24c FOREIGN KEY(library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostlibrarycategoryrelationship
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_tracker_boostlibrarycategoryrelationsh_04f9,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibrarycategoryrelationsh_04f9 FOREIGN KEY(library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostlibrarycategoryrelationsh_c026,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibrarycategoryrelationsh_c026 FOREIGN KEY(category_id) REFERENCES boost_library_tracker_boostlibrarycategory (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostlibraryversion
    ALTER COLUMN cpp_version SET DEFAULT '',
    ALTER COLUMN description SET DEFAULT '',
    ALTER COLUMN key SET DEFAULT '',
    ALTER COLUMN documentation SET DEFAULT '',
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_tracker_boostlibraryversion_library_id_b664,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibraryversion_library_id_b664 FOREIGN KEY(library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostlibraryversion_version_id_d24d,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibraryversion_version_id_d24d FOREIGN KEY(version_id) REFERENCES boost_library_tracker_boostversion (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_dependencychangelog
    DROP CONSTRAINT fk_boost_library_tracker_dependencychangelog_client_lib_21f0,
    ADD CONSTRAINT fk_boost_library_tracker_dependencychangelog_client_lib_21f0 FOREIGN KEY(client_library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_dependencychangelog_dep_librar_d730,
    ADD CONSTRAINT fk_boost_library_tracker_dependencychangelog_dep_librar_d730 FOREIGN KEY(dep_library_id) REFERENCES boost_library_tracker_boostlibrary (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_docs_tracker_boostlibrarydocumentation
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_docs_tracker_boostlibrarydocumentation_3186,
    ADD CONSTRAINT fk_boost_library_docs_tracker_boostlibrarydocumentation_3186 FOREIGN KEY(boost_library_version_id) REFERENCES boost_library_tracker_boostlibraryversion (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_docs_tracker_boostlibrarydocumentation_14dc,
    ADD CONSTRAINT fk_boost_library_docs_tracker_boostlibrarydocumentation_14dc FOREIGN KEY(boost_doc_content_id) REFERENCES boost_library_docs_tracker_boostdoccontent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_library_tracker_boostlibraryrolerelationship
    ALTER COLUMN is_maintainer SET DEFAULT false,
    ALTER COLUMN is_author SET DEFAULT false,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_library_tracker_boostlibraryrolerelationship_l_da0c,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibraryrolerelationship_l_da0c FOREIGN KEY(library_version_id) REFERENCES boost_library_tracker_boostlibraryversion (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_library_tracker_boostlibraryrolerelationship_a_b72e,
    ADD CONSTRAINT fk_boost_library_tracker_boostlibraryrolerelationship_a_b72e FOREIGN KEY(account_id) REFERENCES cppa_user_tracker_githubaccount (baseprofile_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_usage_tracker_boostusage
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_usage_tracker_boostusage_repo_id_boost_usage_t_55f6,
    ADD CONSTRAINT fk_boost_usage_tracker_boostusage_repo_id_boost_usage_t_55f6 FOREIGN KEY(repo_id) REFERENCES boost_usage_tracker_boostexternalrepository (githubrepository_ptr_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_usage_tracker_boostusage_boost_header_id_boost_c162,
    ADD CONSTRAINT fk_boost_usage_tracker_boostusage_boost_header_id_boost_c162 FOREIGN KEY(boost_header_id) REFERENCES boost_library_tracker_boostfile (github_file_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    DROP CONSTRAINT fk_boost_usage_tracker_boostusage_file_path_id_github_a_8b71,
    ADD CONSTRAINT fk_boost_usage_tracker_boostusage_file_path_id_github_a_8b71 FOREIGN KEY(file_path_id) REFERENCES github_activity_tracker_githubfile (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE boost_usage_tracker_boostmissingheadertmp
    ALTER COLUMN created_at SET DEFAULT now(),
    DROP CONSTRAINT fk_boost_usage_tracker_boostmissingheadertmp_usage_id_b_8d4e,
    ADD CONSTRAINT fk_boost_usage_tracker_boostmissingheadertmp_usage_id_b_8d4e FOREIGN KEY(usage_id) REFERENCES boost_usage_tracker_boostusage (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

-- Indexes that another index already serves: exact repeats, and the leading columns of a key.
DROP INDEX ix_cppa_pinecone_sync_pineconefaillist_app_type;
DROP INDEX ix_discord_activity_tracker_discordchannel_server_id;
DROP INDEX ix_github_activity_tracker_createdreposbylanguage_language_id;
DROP INDEX ix_wg21_paper_tracker_wg21paper_paper_id;
DROP INDEX ix_cppa_user_tracker_email_base_profile_id;
DROP INDEX ix_cppa_user_tracker_githubaccount_github_account_id;
DROP INDEX ix_cppa_user_tracker_tempprofileidentityrelation_base_p_645f;
DROP INDEX ix_cppa_youtube_script_tracker_youtubevideotags_youtube_ccf0;
DROP INDEX ix_discord_activity_tracker_discordmessage_channel_id;
DROP INDEX ix_discordmessage_repeated_is_deleted;
DROP INDEX ix_discordmessage_repeated_message_created_at;
DROP INDEX ix_discordmessage_repeated_message_type;
DROP INDEX ix_cppa_slack_tracker_slackchannel_team_id;
DROP INDEX ix_cppa_youtube_script_tracker_youtubevideospeaker_video_id;
DROP INDEX ix_discord_activity_tracker_discordreaction_message_id;
DROP INDEX ix_github_activity_tracker_githubrepository_owner_account_id;
DROP INDEX ix_wg21_paper_tracker_wg21paperauthor_paper_id;
DROP INDEX ix_cppa_slack_tracker_slackchannelmembership_channel_id;
DROP INDEX ix_cppa_slack_tracker_slackchannelmembershipchangelog_c_5b4b;
DROP INDEX ix_cppa_slack_tracker_slackmessage_channel_id;
DROP INDEX ix_github_activity_tracker_gitcommit_repo_id;
DROP INDEX ix_github_activity_tracker_githubfile_repo_id;
DROP INDEX ix_github_activity_tracker_githubrepository_licenses_gi_dc6b;
DROP INDEX ix_github_activity_tracker_issue_repo_id;
DROP INDEX ix_github_activity_tracker_pullrequest_repo_id;
DROP INDEX ix_github_activity_tracker_repolanguage_repo_id;
DROP INDEX ix_boost_library_tracker_boostlibrary_repo_id;
DROP INDEX ix_github_activity_tracker_gitcommitfilechange_commit_id;
DROP INDEX ix_github_activity_tracker_issue_assignees_issue_id;
DROP INDEX ix_github_activity_tracker_issuelabel_issue_id;
DROP INDEX ix_github_activity_tracker_pullrequest_assignees_pullrequest_id;
DROP INDEX ix_github_activity_tracker_pullrequestlabel_pr_id;
DROP INDEX ix_boost_library_tracker_boostdependency_client_library_id;
DROP INDEX ix_boost_library_tracker_boostlibrarycategoryrelationsh_3f36;
DROP INDEX ix_boost_library_tracker_boostlibraryversion_library_id;
DROP INDEX ix_boost_library_tracker_dependencychangelog_client_library_id;
DROP INDEX ix_boost_library_docs_tracker_boostlibrarydocumentation_efdd;
DROP INDEX ix_boost_library_tracker_boostlibraryrolerelationship_l_e7fb;
DROP INDEX ix_boost_usage_tracker_boostusage_repo_id;
DROP INDEX ix_boost_usage_tracker_boostmissingheadertmp_usage_id;

-- Indexes that readers miss.
CREATE INDEX ix_boost_mailing_list_tracker_mailinglistmessage_created_at ON boost_mailing_list_tracker_mailinglistmessage (created_at);
CREATE UNIQUE INDEX uq_cppa_user_tracker_email_base_profile_id_lower ON cppa_user_tracker_email (base_profile_id, lower(email));
CREATE UNIQUE INDEX uq_cppa_user_tracker_email_base_profile_id_primary ON cppa_user_tracker_email (base_profile_id) WHERE is_primary;
CREATE INDEX ix_cppa_user_tracker_reddituser_username_lower ON cppa_user_tracker_reddituser (lower(username));
CREATE INDEX ix_discord_activity_tracker_discordmessage_updated_at ON discord_activity_tracker_discordmessage (updated_at);
