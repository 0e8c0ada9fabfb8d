-- Reports. Every row of `dialogs`, every lead, gap and absence belongs to exactly one period, because its borders are
-- row ids: a period holds what is above the ids of the one before it and not above its own.

-- A period. The newest has no `due_at` yet: it is open, and its borders are wherever the tables end.
CREATE TABLE reports (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    since         TIMESTAMP NOT NULL,
    opened_at     TIMESTAMP NOT NULL,
    due_at        TIMESTAMP UNIQUE,
    closed_at     TIMESTAMP,
    is_catch_up   BOOLEAN NOT NULL DEFAULT FALSE,
    after_dialog  BIGINT NOT NULL,
    after_lead    BIGINT NOT NULL,
    after_gap     BIGINT NOT NULL,
    after_absence BIGINT NOT NULL,
    upto_dialog   BIGINT,
    upto_lead     BIGINT,
    upto_gap      BIGINT,
    upto_absence  BIGINT
);

-- When nobody fetched updates: the service was stopped, or Telegram was out of its reach.
CREATE TABLE absences (
    id       INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind     TEXT NOT NULL,
    began_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

-- The report that tells of a dead delivery; unset again when it is put back.
ALTER TABLE outbox ADD COLUMN report_id BIGINT;
CREATE INDEX outbox_by_report ON outbox (state, report_id);
