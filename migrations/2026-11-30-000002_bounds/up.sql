-- Storage limits: counts of floods, and values that outlive the deletion of their rows.

-- A customer's recent messages, stored or not. `recent` has the arrival times of the newest ones (JSON, milliseconds). A day or hour window
-- begins with the first message after the previous window. `counted_*` is the newest update that was only counted, to recognise its
-- duplicate.
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

-- Messages that were only counted, by the report that states their number.
CREATE TABLE floods (
    report_id BIGINT NOT NULL,
    chat_id   BIGINT NOT NULL,
    messages  BIGINT NOT NULL,
    PRIMARY KEY (report_id, chat_id)
);

-- The leads in a combined email (JSON), kept after its payload is deleted.
ALTER TABLE outbox ADD COLUMN lead_ids TEXT;

-- The payload of the lead's latest delivered email, which the outbox does not keep.
ALTER TABLE successful_dialogs ADD COLUMN letter TEXT;

-- The customer did not get this reply; its outbox row has been deleted.
ALTER TABLE dialogs ADD COLUMN lost BOOLEAN NOT NULL DEFAULT FALSE;

-- Finished rows of earlier versions up to these ids may still contain deletable text; it is deleted from the end.
INSERT INTO meta (key, value) SELECT 'inbox_to_empty', CAST(last AS TEXT)
    FROM (SELECT MAX(id) AS last FROM inbox) AS known WHERE last IS NOT NULL;
INSERT INTO meta (key, value) SELECT 'outbox_to_empty', CAST(last AS TEXT)
    FROM (SELECT MAX(id) AS last FROM outbox) AS known WHERE last IS NOT NULL;
