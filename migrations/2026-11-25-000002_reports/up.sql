-- Reports. Every row of `dialogs`, every lead, gap and absence belongs to exactly one period, because it is delimited
-- by row ids: a period contains the rows above the ids of the previous one, up to its own.

-- A period. The newest has no `due_at` yet: it is open and extends to the end of the tables.
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

-- Gaps in polling: the service was stopped, or Telegram was unreachable.
CREATE TABLE absences (
    id       INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind     TEXT NOT NULL,
    began_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

-- The report that names a dead delivery; cleared when the delivery is requeued.
ALTER TABLE outbox ADD COLUMN report_id BIGINT;
CREATE INDEX outbox_by_report ON outbox (state, report_id);
