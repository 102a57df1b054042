-- Failures that last, so that people are told once and again only after a while, whichever process meets them.
CREATE TABLE core_problem (
    subject TEXT NOT NULL,
    fingerprint VARCHAR(32) NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    failures INTEGER NOT NULL,
    untold INTEGER NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_core_problem PRIMARY KEY (subject, fingerprint)
);
