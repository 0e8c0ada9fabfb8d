-- Storing within bounds: what a flood leaves behind, and what must be known when the rows that told it are gone.

-- What a customer sent lately, stored or not. `recent` holds the arrival times of the newest messages (JSON, milliseconds); a window of
-- a day and one of an hour begin with the first message after the one before. `counted_*` is the newest update that was only counted: its
-- second delivery is recognised by it.
CREATE TABLE arrivals (
    chat_id        INTEGER PRIMARY KEY NOT NULL,
    recent         TEXT NOT NULL,
    day_began      TIMESTAMP NOT NULL,
    day_messages   INTEGER NOT NULL,
    day_kept       INTEGER NOT NULL,
    hour_began     TIMESTAMP NOT NULL,
    hour_kept      INTEGER NOT NULL,
    counted_bot    TEXT,
    counted_update BIGINT,
    counted_at     TIMESTAMP
);

-- Messages that were only counted, by the report that says so.
CREATE TABLE floods (
    report_id BIGINT NOT NULL,
    chat_id   BIGINT NOT NULL,
    messages  BIGINT NOT NULL,
    PRIMARY KEY (report_id, chat_id)
);

-- The leads in a letter that gathers several (JSON), known also when its payload is gone.
ALTER TABLE outbox ADD COLUMN lead_ids TEXT;

-- The payload of the letter about a lead that was delivered last: the outbox keeps it no longer.
ALTER TABLE successful_dialogs ADD COLUMN letter TEXT;

-- The customer did not get this reply, and the outbox row that said so is gone.
ALTER TABLE dialogs ADD COLUMN lost BOOLEAN NOT NULL DEFAULT FALSE;

-- Rows of earlier versions up to these ids may still hold what a finished row does not keep; emptied from the end.
INSERT INTO meta (key, value) SELECT 'inbox_to_empty', CAST(last AS TEXT)
    FROM (SELECT MAX(id) AS last FROM inbox) AS known WHERE last IS NOT NULL;
INSERT INTO meta (key, value) SELECT 'outbox_to_empty', CAST(last AS TEXT)
    FROM (SELECT MAX(id) AS last FROM outbox) AS known WHERE last IS NOT NULL;
