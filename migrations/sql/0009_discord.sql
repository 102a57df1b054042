-- Discord: what a message carries besides its text, and when a channel or thread vanished.
ALTER TABLE discord_activity_tracker_discordchannel
    ADD COLUMN gone_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE discord_activity_tracker_discordmessage
    ADD COLUMN attachments JSONB DEFAULT '[]'::jsonb NOT NULL,
    ADD COLUMN embeds JSONB DEFAULT '[]'::jsonb NOT NULL,
    ADD COLUMN stickers JSONB DEFAULT '[]'::jsonb NOT NULL;
